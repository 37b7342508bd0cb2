import { isIPv6 } from 'node:net';

/**
 * Names that end up as InfluxDB tags. All are made of a-z, 0-9 and "-" only, whatever a miner says of
 * itself, and all are functions of the batch alone: a redelivered batch lands on the very same points.
 */

/** Miners of two scopes never touch each other: the agent's site, or the agent while it has none. */
export function scopeOf(agent: { id: number; siteId: number | null }): string {
  return agent.siteId === null ? `agent-${agent.id}` : `site-${agent.siteId}`;
}

/** The site a scope stands for; null: an agent's without one. */
export function siteOfScope(scope: string): number | null {
  return scope.startsWith('site-') ? Number(scope.slice('site-'.length)) : null;
}

/** A miner's identity as far as a batch tells it; `ip` as `canonicalIp` writes it. */
export interface Identity {
  mac: string | null;
  serial: string | null;
  ip: string;
  port: number;
}

/** MAC, else serial, else address: the value of the tag `miner`. */
export function seriesKey({ mac, serial, ip, port }: Identity): string {
  if (mac !== null) return mac;
  return (serial === null ? null : serialKey(serial)) ?? addressKey(ip, port);
}

/** 12 lower-case hex digits from any notation; null for what names no single device. */
export function normalMac(text: string | null | undefined): string | null {
  if (!text) return null;
  const digits = text.toLowerCase().replaceAll(/[\s:.-]/g, '');
  if (!/^[0-9a-f]{12}$/.test(digits)) return null;
  // All zeros is what firmware says when it does not know; an odd first byte is a multicast group.
  const isGroup = Number.parseInt(digits.slice(0, 2), 16) % 2 === 1;
  return digits === '000000000000' || isGroup ? null : digits;
}

/** "sn-" and the serial's letters and digits; null for placeholders such as "0000" or "N/A". */
export function serialKey(serial: string): string | null {
  const slug = slugOf(serial, 48);
  const meaningful = slug.length >= 4 && !/^(.)\1*$/.test(slug.replaceAll('-', ''));
  return meaningful && !PLACEHOLDERS.has(slug) ? `sn-${slug}` : null;
}
const PLACEHOLDERS = new Set(['unknown', 'none', 'null', 'undefined', 'default', 'not-available']);

/** "ip-10-0-0-5-4028"; IPv6 with "-" for ":". */
export function addressKey(ip: string, port: number): string {
  return `ip-${ip.replaceAll(/[.:]/g, '-')}-${port}`;
}

/** One spelling for each address (RFC 5952 for IPv6); the caller has checked that it is one. */
export function canonicalIp(ip: string): string {
  return isIPv6(ip) ? new URL(`http://[${ip}]/`).hostname.slice(1, -1) : ip;
}

/** The tag `model`: "antminer-s19j-pro-plus"; "unknown" when the batch does not say. */
export function modelTag(
  manufacturer: string | null | undefined,
  model: string | null | undefined,
): string {
  // "S19j Pro+" and "S19j Pro" are two models.
  return slugOf(`${manufacturer ?? ''} ${model ?? ''}`.replaceAll('+', ' plus '), 64) || 'unknown';
}

function slugOf(text: string, maxLength: number): string {
  return text
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .slice(0, maxLength + 1)
    .replaceAll(/^-+|-+$/g, '')
    .slice(0, maxLength);
}

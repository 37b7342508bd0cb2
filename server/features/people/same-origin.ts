import type { FastifyRequest } from 'fastify';
import { Failure } from '../../failures.ts';

/** Methods that change nothing. */
export const READS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);

/** Browsers send one of the two with every change; scripts neither. */
export function isFromBrowser(request: FastifyRequest): boolean {
  return request.headers['sec-fetch-site'] !== undefined || request.headers.origin !== undefined;
}

/**
 * Refuses a change asked for by another site's page in the name of a logged-in browser. Only the cookie is
 * sent by itself, so only sessions by cookie are checked. Browsers send Sec-Fetch-Site on https and localhost;
 * on plain http there is only Origin. Throws Failure `forbidden`.
 */
export function requireSameOrigin(request: FastifyRequest, publicUrl: string | undefined): void {
  if (READS.has(request.method)) return;
  const site = request.headers['sec-fetch-site'];
  if (site === 'same-origin') return;
  const { origin } = request.headers;
  // A browser sends one of the two with every change. Neither: a script that keeps the cookie of its login.
  if (site === undefined && (origin === undefined || isOwn(origin, request.host, publicUrl)))
    return;
  throw new Failure(
    'forbidden',
    'A session cookie does not count for changes asked for by pages of another site',
  );
}

function isOwn(origin: string, host: string, publicUrl: string | undefined): boolean {
  const url = URL.parse(origin);
  return (
    url !== null &&
    (url.host === host || (publicUrl !== undefined && url.origin === new URL(publicUrl).origin))
  );
}

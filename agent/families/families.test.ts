import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { readJson } from '../lenient-json.ts';
import { emptyReading } from '../reading.ts';
import type { Reading } from '../reading.ts';
import { ALLOWED_WORDS, isAllowed } from '../transports/allowed.ts';
import { readTextMode } from '../transports/text-mode.ts';
import { decode } from './decode.ts';
import { makeReplies } from './family.ts';
import type { Family } from './family.ts';
import { families, SCAN_PORTS } from './index.ts';

const recording = z.strictObject({
  about: z.string().min(20),
  port: z.int(),
  /** Raw replies by name, defects included. */
  replies: z.record(z.string(), z.string()),
  /** What the reading must contain, at least. */
  expected: z.record(z.string(), z.unknown()),
});

function recordingsOf(family: Family) {
  const folder = join(import.meta.dirname, family.id, 'recordings');
  return readdirSync(folder).map((file) =>
    Object.assign(recording.parse(JSON.parse(readFileSync(join(folder, file), 'utf8'))), {
      name: `${family.id}/${file}`,
    }),
  );
}

function understood(raw: string) {
  const reading = readJson(raw);
  return reading.ok ? reading.value : (readTextMode(raw) ?? raw);
}

function decoded(family: Family, replies: Record<string, string>): Reading {
  const entries = Object.entries(replies).map(([name, raw]) => [name, understood(raw)] as const);
  const { identity } = emptyReading();
  return decode(family, makeReplies(new Map(entries), identity, true));
}

const all = families.flatMap((family) =>
  recordingsOf(family).map((entry) =>
    Object.assign(entry, { family, reading: decoded(family, entry.replies) }),
  ),
);

it.each(all)('$name decodes to what it says', ({ reading, expected }) => {
  expect(rounded(reading)).toMatchObject(rounded(expected) as object);
  expect(reading.quality.problems).toEqual([]);
});

it.each(all)('$name stays within what machines can be', ({ reading }) => {
  const rates = [reading.hashrate.nowThs, reading.hashrate.avgThs, reading.hashrate.expectedThs];
  const temps = [
    reading.thermal.envC,
    ...reading.boards.flatMap((board) => [...board.boardTempsC, ...board.chipTempsC]),
  ];
  const outside = [
    ...range(
      'hashrate',
      [...rates, ...reading.boards.map((board) => board.hashrateThs)],
      0,
      10_000,
    ),
    ...range('temperature', temps, -40, 200),
    ...range('fan', [...reading.fans.map(({ rpm }) => rpm), ...reading.psuFans], 0, 30_000),
    ...range(
      'duty',
      reading.fans.map(({ percent }) => percent),
      0,
      100,
    ),
    ...range('power', [reading.power.watts, reading.power.limitW], 0, 20_000),
    ...range(
      'frequency',
      reading.boards.map((board) => board.frequencyMhz),
      10,
      5_000,
    ),
    ...range(
      'chips',
      reading.boards.map((board) => board.chips),
      0,
      2_000,
    ),
    ...range('uptime', [reading.state.uptimeS], 0, 10 * 365 * 86_400),
  ];
  expect(outside).toEqual([]);
  const total = sum(reading.boards.map((board) => board.hashrateThs));
  const now = reading.hashrate.nowThs ?? 0;
  // A unit taken for another would be off by a thousand.
  expect(total === 0 || now === 0 || (total / now < 20 && now / total < 20)).toBe(true);
});

/** Twelve digits: conversions of units are not exact in binary. */
function rounded(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value, (_key, inner: unknown) =>
      typeof inner === 'number' ? Number(inner.toPrecision(12)) : inner,
    ),
  ) as unknown;
}

function range(what: string, values: (number | null)[], least: number, most: number): string[] {
  return values
    .filter((value) => value !== null && !(value >= least && value <= most))
    .map((value) => `${what} ${value}`);
}

function sum(values: (number | null)[]): number {
  return values.reduce<number>((total, value) => total + (value ?? 0), 0);
}

describe.each(families)('$id', (family) => {
  const readings = all.filter((entry) => entry.family === family).map(({ reading }) => reading);
  const declared = new Set(family.capabilities.flatMap(({ fills }) => fills));

  it('has a folder with README, family and recordings', () => {
    const folder = join(import.meta.dirname, family.id);
    expect(existsSync(join(folder, 'README.md'))).toBe(true);
    expect(existsSync(join(folder, 'family.ts'))).toBe(true);
    expect(readings.length).toBeGreaterThan(0);
  });

  it('can do what its capabilities say, and nothing they do not say', () => {
    const filled = new Set(readings.flatMap(fieldsOf));
    // What every family has, from its own definition or computed from the boards.
    const given = ['identity.make', 'identity.model', 'identity.firmware', 'pools.isDevFee'];
    const computed = ['thermal.chipMaxC', 'thermal.boardMaxC'];
    const unsaid = [...filled].filter((field) => !declared.has(field));
    expect([...declared].filter((field) => !filled.has(field))).toEqual([]);
    expect(unsaid.filter((field) => ![...given, ...computed].includes(field))).toEqual([]);
  });

  it('survives replies of another kind, one field at a time', () => {
    const nonsense = ['{}', '[]', '{"STATUS":"S","Msg":7}', '{"STATS":[1,"x",null]}', 'true'];
    for (const entry of all.filter((one) => one.family === family)) {
      for (const reply of Object.keys(entry.replies)) {
        for (const raw of nonsense) {
          const reading = decoded(family, { ...entry.replies, [reply]: raw });
          expect(reading.quality.problems).toEqual([]);
        }
      }
    }
  });

  it('asks only what is on the list', () => {
    const asks = [...family.plans.values()].flatMap((steps) => steps.flatMap(({ ask }) => ask));
    expect(asks.length).toBeGreaterThan(0);
    expect(asks.filter((ask) => !isAllowed(ask))).toEqual([]);
  });
});

/** Paths of everything a reading tells. */
function fieldsOf(reading: Reading): string[] {
  const told: string[] = [];
  const { quality: _, ...parts } = reading;
  for (const [part, value] of Object.entries(parts)) {
    if (Array.isArray(value) && typeof value[0] !== 'object' && value.length > 0) told.push(part);
    if (part === 'errors' && Array.isArray(value) && value.length > 0) told.push(part);
    else for (const row of Array.isArray(value) ? value : [value]) told.push(...keysOf(part, row));
  }
  return told;
}

function keysOf(part: string, row: unknown): string[] {
  if (typeof row !== 'object' || row === null) return [];
  return Object.entries(row)
    .filter(([, value]) => value !== null && !(Array.isArray(value) && value.length === 0))
    .map(([key]) => `${part}.${key}`);
}

it('names every family once', () => {
  expect(new Set(families.map(({ id }) => id)).size).toBe(families.length);
  expect(families.at(-1)?.id).toBe('generic-cgminer');
});

it('lists every family folder', () => {
  const folders = readdirSync(import.meta.dirname, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name);
  expect(folders.sort()).toEqual(families.map(({ id }) => id).sort());
});

it('knocks at the ports by which families are known', () => {
  expect(new Set(SCAN_PORTS)).toEqual(new Set([4028, 80, 4433, 4111, 8080, 443]));
});

it('can say nothing to a device that would change it', () => {
  const changing =
    /set_|reboot|restart|quit|save|reset|upgrade|update_|add|remove|switch|enable|disable|write|password|power_o|poweroff|led\b|blink|download|token|config\b/i;
  // Auradine's LED codes are how it tells what is wrong; only a POST would switch a lamp.
  const lamps = 'GET /led';
  // The configuration as it is: cgminer's command, and two pages without a body.
  const told = new Set(['config', 'GET /kaonsu/v1/network_config', 'GET /kaonsu/v1/miner_config']);
  const suspects = ALLOWED_WORDS.filter((word) => changing.test(word));
  expect(suspects.filter((word) => word !== lamps && !told.has(word))).toEqual([]);
  // What these vendors made a POST and is a read all the same.
  const reads = [
    'POST /user/userpanel post=4',
    'POST /api/overview',
    'POST /api/getAll',
    'POST /api/summary',
    'POST /api/type',
    'POST /api/getErrorDetail',
    'POST /api/info_v1',
  ];
  const posts = ALLOWED_WORDS.filter((word) => word.startsWith('POST'));
  // A GraphQL query without a name can be nothing but a query.
  const query = /^POST (?:\/api)?\/graphql \{"query":"\{/;
  expect(posts.filter((word) => !query.test(word))).toEqual(reads);
});

import type { Pool } from '../../agent/reading.ts';
import type { Comparison } from './outcome.ts';
import { bareUrl } from './rules.ts';

interface ExpectedPool {
  name?: unknown;
  url?: unknown;
  worker?: unknown;
  user?: unknown;
  priority?: unknown;
  enabled_up?: unknown[];
  accepted_rejected_stale?: unknown[];
  alive?: unknown;
  active?: unknown;
  accepted?: unknown;
  rejected?: unknown;
  stale?: unknown;
}

/**
 * The pools in their order; each of a pool's facts is one value. `countsStale`: the device counts stale
 * shares at all; a source that has a number for everything writes 0 where it does not.
 */
export function comparePools(
  expected: unknown,
  found: readonly Pool[],
  countsStale: boolean,
): Comparison[] {
  const wanted = (Array.isArray(expected) ? (expected as (ExpectedPool | string)[]) : []).map(
    (pool) => (typeof pool === 'string' ? { url: pool } : pool),
  );
  const results = wanted.flatMap((pool, index) =>
    comparePool(`pools[${index}]`, pool, found[index], countsStale),
  );
  if (wanted.length === found.length) return results;
  return [
    ...results,
    { value: 'pools', kind: 'differs', expected: wanted.length, found: found.length },
  ];
}

function comparePool(
  at: string,
  wanted: ExpectedPool,
  pool: Pool | undefined,
  countsStale: boolean,
): Comparison[] {
  const facts: [name: string, wanted: unknown, found: unknown][] = [
    ['url', bareUrl(wanted.name ?? wanted.url), bareUrl(pool?.url)],
    ['user', wanted.worker ?? wanted.user, pool?.user],
    ['priority', wanted.priority, pool?.priority],
    // The first flag, "enabled", is the source's own: it is true of every pool it lists.
    ['up', wanted.enabled_up?.[1] ?? wanted.alive, pool?.alive],
    ['active', wanted.active, pool?.active],
    ['accepted', wanted.accepted_rejected_stale?.[0] ?? wanted.accepted, pool?.accepted],
    ['rejected', wanted.accepted_rejected_stale?.[1] ?? wanted.rejected, pool?.rejected],
    ['stale', wanted.accepted_rejected_stale?.[2] ?? wanted.stale, pool?.stale],
  ];
  return facts
    .filter(([, fact]) => fact !== undefined)
    .map(([name, fact, ours]) => {
      const value = `${at}.${name}`;
      if (name === 'stale' && fact === 0 && !countsStale) {
        return { value, kind: 'left-out', reason: 'no captured reply counts stale shares' };
      }
      return fact === ours
        ? { value, kind: 'same' }
        : { value, kind: 'differs', expected: fact, found: ours };
    });
}

import { readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { minerSample } from '#contract/miner.ts';
import { AGENT_FIELDS } from '../features/agents/metrics.ts';
import { AGG_FIELDS, HOUR_FIELDS, MINER_HOUR_FIELDS } from '../features/rollups/fields.ts';
import { BOARD_FIELDS, linesOf, MINER_FIELDS } from './lines.ts';

const TAGS = { site: 'site-1', miner: '021a2b3c4d5e', model: 'antminer-s19' };
const SLOT_S = 1_763_795_520 - (1_763_795_520 % 300);

function sample(more: object) {
  return minerSample.parse({ ip_address: '10.0.0.1', timestamp: 't', ...more });
}

/** The fields of a line, and what else it has. */
function take(line: string) {
  const match = /^([a-z]+),(\S+) (\S+) (\d+)$/.exec(line);
  if (!match) throw new Error(`not line protocol: ${line}`);
  const [, measurement, tags, fields = '', time] = match;
  const pairs = fields.split(',').map((pair) => pair.split('=') as [string, string]);
  return { measurement, tags, fields: Object.fromEntries(pairs), time: Number(time) };
}

test('a sample is one line; null is no field and zero is zero', () => {
  const [line = '', ...more] = linesOf(
    TAGS,
    sample({ hash_rate: 0, temperature: null, boards: [] }),
    SLOT_S,
  );
  expect(more).toEqual([]);
  expect(line).toBe(
    `miner,miner=021a2b3c4d5e,model=antminer-s19,site=site-1 up=1,hashrate_ths=0 ${SLOT_S}`,
  );
});

test('boards have lines, those that report something', () => {
  const boards = [{ slot: 0, hash_rate: 30.5 }, { slot: 2 }, { slot: 3, chips: 0 }];
  const lines = linesOf(TAGS, sample({ boards }), SLOT_S);
  expect(lines.slice(1)).toEqual([
    `board,board=0,miner=021a2b3c4d5e,model=antminer-s19,site=site-1 hashrate_ths=30.5 ${SLOT_S}`,
    `board,board=3,miner=021a2b3c4d5e,model=antminer-s19,site=site-1 chips=0 ${SLOT_S}`,
  ]);
});

function stored(hashRate: number): string | undefined {
  return take(linesOf(TAGS, sample({ hash_rate: hashRate }), SLOT_S)[0] ?? '').fields[
    'hashrate_ths'
  ];
}

test('small hashrates survive, large ones lose what no sensor can tell', () => {
  expect(stored(0.0000000123456789)).toBe('1.23457e-8');
  expect(stored(13.512345678)).toBe('13.5123');
  expect(stored(104.123456)).toBe('104.123');
});

test('whatever finite value: the line is line protocol and the value is kept within rounding', () => {
  fc.assert(
    fc.property(fc.double({ min: 0, max: 10_000, noNaN: true }), (hashRate) => {
      const { fields } = take(linesOf(TAGS, sample({ hash_rate: hashRate }), SLOT_S)[0] ?? '');
      const stored = Number(fields['hashrate_ths']);
      expect(Math.abs(stored - hashRate)).toBeLessThanOrEqual(Math.max(hashRate * 1e-5, 5e-324));
    }),
  );
});

describe.each(['docs/samples.md', 'docs/ru/samples.md'])('%s', (path) => {
  const page = readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
  const rowsOf = (measurement: string) => {
    const section = page
      .split(/^## /m)
      .find((part) => part.split('\n')[0]?.includes(`\`${measurement}\``));
    return [
      ...(section ?? '').matchAll(/^\| `(\w+)` \| ([^|]+) \| [^|]+ \| (\d+\.\d+\.\d+) \|$/gm),
    ].map(([, name, unit]) => [name, unit?.replace('или', 'or').replace('до', 'to')]);
  };

  test.each([
    ['miner', MINER_FIELDS],
    ['board', BOARD_FIELDS],
    ['agent', AGENT_FIELDS],
    ['site_agg', AGG_FIELDS],
    ['model_agg', AGG_FIELDS],
    ['fleet_agg', AGG_FIELDS],
    ['site_1h', HOUR_FIELDS],
    ['fleet_1h', HOUR_FIELDS],
    ['miner_1h', MINER_HOUR_FIELDS],
  ] as const)(
    'lists the fields of %s as they are written, with their units',
    (measurement, fields) => {
      expect(rowsOf(measurement)).toEqual(fields.map(({ name, unit }) => [name, unit]));
    },
  );
});

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dashboards, panelOf, show, type Line } from './testing/dashboards.ts';
import {
  expectedLines,
  least,
  mean,
  minus,
  most,
  over,
  plus,
  total,
  type Expected,
} from './testing/expected.ts';
import type { Chosen } from './testing/expand.ts';
import { CAST } from './testing/farm/cast.ts';
import { loadedFarm, type LoadedFarm } from './testing/farm/loaded-farm.ts';
import { RANGES, type Range } from './testing/ranges.ts';

let farm: LoadedFarm;
beforeAll(async () => {
  farm = await loadedFarm();
}, 240_000);
afterAll(() => farm[Symbol.asyncDispose]());

const EVERY_RANGE = Object.keys(RANGES) as Range[];
const rejected = (field: string) =>
  over(total(field), plus(total('accepted'), total('rejected')), 100);

type Where = NonNullable<Expected['where']>;
const sha256: Where = ({ algo }) => algo === 'sha256';
const north: Where = ({ site }) => site === farm.scopes.North;
const both =
  (one: Where, two: Where): Where =>
  (tags) =>
    one(tags) && two(tags);

/** The charts of Fleet, and of Site, which are the same of one site. */
function whole(from: 'fleet' | 'site', all: Where): Record<number, Record<string, Expected>> {
  const one = { from, where: both(all, sha256) };
  const counted = { from, where: all };
  return {
    11: {
      Hashrate: { ...one, of: mean('hashrate_ths'), hours: mean('hashrate_mean_ths') },
      Expected: { ...one, of: mean('expected_known_ths') },
    },
    12: {
      Hashing: { ...counted, of: mean('hashing') },
      Degraded: { ...counted, of: mean('degraded') },
      Idle: { ...counted, of: mean('idle') },
      Offline: { ...counted, of: mean('offline') },
      Unknown: { ...counted, of: mean('unknown') },
    },
    13: { Power: { ...counted, of: mean('power_w'), hours: mean('power_mean_w') } },
    14: { Efficiency: { ...one, of: over(mean('metered_w'), mean('metered_ths')) } },
    15: {
      Hottest: { ...one, of: most('temp_chip_max_c') },
      'Nine tenths below': { ...one, of: mean('temp_chip_p90_c') },
      Median: { ...one, of: mean('temp_chip_p50_c') },
    },
    16: {
      'No hashrate reported': {
        ...one,
        of: minus(mean('expected_known_ths'), mean('expected_ths')),
      },
      'Below expected': { ...one, of: minus(mean('expected_ths'), mean('rated_ths')) },
    },
    17: {
      'Weakest tenth': { ...one, of: mean('percent_p10') },
      Median: { ...one, of: mean('percent_p50') },
      'Best tenth': { ...one, of: mean('percent_p90') },
    },
  };
}

interface Charts {
  chosen?: () => Record<string, Chosen>;
  panels: Record<number, Record<string, Expected>>;
}
const everywhere: Where = () => true;
const perAgent = (of: Expected['of']): Record<string, Expected> => ({
  agents: { from: 'agent', of, by: 'agent' },
});
const perModel = (of: Expected['of']): Record<string, Expected> => ({
  models: { from: 'model', of, by: 'model' },
});
const shares = (where: Where): Charts['panels'] => ({
  11: {
    Rejected: { from: 'site', where: both(where, sha256), of: rejected('rejected') },
    Stale: { from: 'site', where: both(where, sha256), of: rejected('stale') },
  },
  12: { Accepted: { from: 'site', where, of: mean('accepted'), hours: mean('accepted', 1 / 60) } },
});
const ofMiner = (name: string): Where => {
  const keys: readonly string[] = CAST.find((role) => role.name === name)?.keys ?? [];
  return ({ miner = '' }) => keys.includes(miner);
};
const line = (name: string, field: string, hourly: string): Expected => ({
  from: 'miner',
  where: ofMiner(name),
  of: mean(field),
  hours: mean(hourly),
});

const CHARTS: Record<string, Charts> = {
  fleet: { panels: { ...whole('fleet', everywhere) } },
  'fleet: charts by site': {
    chosen: () => ({ site: farm.scopes.North }),
    panels: {
      32: {
        Hashrate: {
          from: 'site',
          where: both((tags) => north(tags), sha256),
          of: mean('hashrate_ths'),
          hours: mean('hashrate_mean_ths'),
        },
        Expected: {
          from: 'site',
          where: both((tags) => north(tags), sha256),
          of: mean('expected_known_ths'),
        },
      },
    },
  },
  site: {
    chosen: () => ({ site: farm.scopes.North }),
    panels: whole('site', (tags) => north(tags)),
  },
  'site: of an agent without one, of another algorithm': {
    chosen: () => ({ site: farm.scopes.South, algo: 'scrypt' }),
    panels: {
      11: {
        Hashrate: {
          from: 'site',
          where: ({ algo }) => algo === 'scrypt',
          of: mean('hashrate_ths'),
          hours: mean('hashrate_mean_ths'),
        },
        Expected: {
          from: 'site',
          where: ({ algo }) => algo === 'scrypt',
          of: mean('expected_known_ths'),
        },
      },
    },
  },
  miner: {
    chosen: () => ({ miner: String(farm.miners['steady']) }),
    panels: {
      25: {
        Power: line('steady', 'power_w', 'power_mean_w'),
        Limit: { from: 'samples', where: ofMiner('steady'), of: mean('power_limit_w') },
      },
      26: {
        Efficiency: {
          from: 'miner',
          where: ofMiner('steady'),
          of: over(mean('power_w'), mean('hashrate_ths')),
          hours: mean('efficiency_j_th'),
        },
      },
    },
  },
  heat: {
    chosen: () => ({ site: farm.scopes.North }),
    panels: {
      12: {
        Hottest: { from: 'site', where: (tags) => north(tags), of: most('temp_chip_max_c') },
        'Nine tenths below': {
          from: 'site',
          where: (tags) => north(tags),
          of: most('temp_chip_p90_c'),
        },
        Mean: { from: 'site', where: (tags) => north(tags), of: mean('temp_chip_mean_c') },
        Median: { from: 'site', where: (tags) => north(tags), of: mean('temp_chip_p50_c') },
      },
      13: {
        'Slowest fan': { from: 'site', where: (tags) => north(tags), of: least('fan_min_rpm') },
      },
    },
  },
  hardware: {
    panels: {
      11: { Errors: { from: 'site', of: mean('hw_errors'), hours: mean('hw_errors', 1 / 60) } },
      12: { Restarts: { from: 'site', of: total('restarts') } },
    },
  },
  pools: { chosen: () => ({ site: [farm.scopes.North] }), panels: shares((tags) => north(tags)) },
  models: {
    panels: {
      11: perModel(over(total('rated_ths'), total('expected_ths'), 100)),
      13: perModel(most('temp_chip_max_c')),
    },
  },
  pipeline: {
    panels: {
      11: perAgent(most('silence_s')),
      12: perAgent(most('backlog_age_s')),
      13: perAgent(most('backlog_bytes')),
      14: perAgent(most('cycle_ms')),
      15: perAgent(mean('clock_error_ms')),
      17: {
        Asked: { from: 'agent', of: mean('cycle_miners') },
        Answered: { from: 'agent', of: mean('cycle_reachable') },
      },
      21: {
        Known: { from: 'site', of: mean('miners_known') },
        'With samples': { from: 'site', of: mean('miners_seen') },
      },
      24: { Pending: { from: 'agent', of: most('pending') } },
    },
  },
  'pipeline: two sites': {
    chosen: () => ({ site: [farm.scopes.North, farm.scopes.South] }),
    panels: {
      11: {
        agents: {
          from: 'agent',
          of: most('silence_s'),
          by: 'agent',
          where: ({ site }) => site !== farm.scopes.East,
        },
      },
    },
  },
};

const CASES = Object.entries(CHARTS).flatMap(([title, { chosen, panels }]) => {
  const name = title.split(':')[0] ?? '';
  return Object.entries(panels).flatMap(([id, lines]) =>
    EVERY_RANGE.map((range) => ({ title, name, id: Number(id), range, lines, chosen })),
  );
});

test.each(CASES)('$title, panel $id, $range', async ({ name, id, range, lines, chosen }) => {
  const panel = panelOf(name, id);
  const shown = await show(farm, name, range, chosen?.());
  const found = await shown.lines(panel);
  const expected = expectedLines(farm, shown, range, lines, panel.interval);
  expect(found.map((one) => one.name).sort()).toEqual([...expected.keys()].sort());
  for (const one of found) expectSame(one, expected.get(one.name) ?? new Map<number, number>());
});

function expectSame({ name, points }: Line, expected: ReadonlyMap<number, number>) {
  const found = points.filter((point): point is [number, number] => point[1] !== null);
  expect(
    found.map(([timeS]) => timeS),
    `times of ${name}`,
  ).toEqual([...expected.keys()].sort((a, b) => a - b));
  for (const [timeS, value] of found) {
    const wanted = expected.get(timeS) ?? Number.NaN;
    const near = Math.abs(value - wanted) <= 1e-4 + 1e-4 * Math.abs(wanted);
    expect(near ? 'as expected' : `${name} at ${timeS}: ${value}, not ${wanted}`).toBe(
      'as expected',
    );
  }
}

/** The first miner by name has not restarted for long; a quarter of an hour may hold no whole hour, and says so. */
const EMPTY: Record<string, readonly number[]> = { miner: [6], 'heat 15 m': [11] };

describe.each(Object.keys(dashboards))('%s', (name) => {
  const dashboard = dashboards[name];
  const isMulti = dashboard?.templating.list.find((one) => one.name === 'site')?.multi ?? false;

  test.each(EVERY_RANGE)(
    'answers every query over %s, for one site, several and all',
    async (range) => {
      const { North, South } = farm.scopes;
      const choices: Record<string, Chosen>[] = [
        { site: North },
        ...(isMulti ? [{}, { site: [North, South] }] : [{ site: South }]),
      ];
      const silent: string[] = [];
      for (const [index, chosen] of choices.entries()) {
        const shown = await show(farm, name, range, chosen);
        for (const panel of dashboard?.panels ?? []) {
          if (panel.repeat !== undefined && chosen['site'] !== North) continue;
          const isDrawn = panel.type !== 'row' && panel.type !== 'table';
          const lines = await shown.lines(panel);
          const rows = await shown.table(panel);
          const isSilent = isDrawn && index === 0 && lines.length === 0 && rows.length === 0;
          if (
            isSilent &&
            ![...(EMPTY[name] ?? []), ...(EMPTY[`${name} ${range}`] ?? [])].includes(panel.id)
          )
            silent.push(panel.title);
        }
      }
      expect(silent).toEqual([]);
    },
  );
});

test('a range that begins before minutes are kept is made of hours, however short', async () => {
  const shown = await show(farm, 'fleet', '24 h');
  expect(shown.variables).toMatchObject({ minutes: '.*', hours: 'none' });
  const long = await show(farm, 'fleet', '30 d');
  expect(long.variables).toMatchObject({ minutes: 'none', hours: '.*', step: '1h' });
  expect((await show(farm, 'fleet', '1 y')).variables).toMatchObject({ hours: '.*', step: '6h' });
});

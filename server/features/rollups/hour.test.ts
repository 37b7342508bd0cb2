import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { HOUR_S, startHour, type PointLine } from './hour.ts';
import { READ_FIELDS, storedSample, type StoredSample } from './samples.ts';

const HOUR = 1_763_795_520 - (1_763_795_520 % HOUR_S);
const MODEL = 'antminer-s19';
type Measures = Partial<Record<(typeof READ_FIELDS)[number], number>>;

const sample = (
  miner: string,
  second: number,
  measures: Measures = {},
  model = MODEL,
): StoredSample =>
  storedSample(miner, model, [
    HOUR + second,
    ...READ_FIELDS.map((name) => ({ up: 1, ...measures })[name] ?? null),
  ]);

/** The fields of the line of a series. */
function fieldsOf(lines: readonly PointLine[], series: string): Record<string, number> {
  const line = lines.find(({ text }) => text.startsWith(`${series} `));
  if (!line) throw new Error(`no ${series} in\n${lines.map(({ text }) => text).join('\n')}`);
  const pairs = (line.text.split(' ')[1] ?? '').split(',').map((pair) => pair.split('='));
  return Object.fromEntries(pairs.map(([name, value]) => [name, Number(value)]));
}

test('a minute of a site: sums of those who report, states by the server’s rules, percentiles over miners', () => {
  const hour = startHour('site-1', HOUR, new Map());
  const full = {
    hashrate_ths: 100,
    expected_ths: 100,
    power_w: 3000,
    temp_c: 70,
    temp_chip_c: 71,
    fan_rpm: 5000,
    mining: 1,
  };
  const lines = hour.addSlot(HOUR, [
    sample('a', 0, full),
    sample('b', 0, { ...full, hashrate_ths: 80, temp_chip_c: 80.5, fan_min_rpm: 4100 }),
    sample('c', 0, { hashrate_ths: 0, power_w: 50 }),
    sample('d', 0, { up: 0 }),
    sample('e', 0, { temp_c: 40 }),
    sample('f', 0, { hashrate_ths: 0.0095, expected_ths: 0.0095 }, 'antminer-l7'),
  ]);
  expect(fieldsOf(lines, 'site_agg,algo=sha256,site=site-1')).toEqual({
    miners_known: 5,
    miners_seen: 5,
    hashing: 1,
    degraded: 1,
    idle: 1,
    offline: 1,
    unknown: 1,
    hashrate_ths: 180,
    expected_known_ths: 200,
    expected_ths: 200,
    rated_ths: 180,
    rated_miners: 2,
    percent_of_expected: 90,
    percent_p10: 80,
    percent_p50: 80,
    percent_p90: 100,
    power_w: 6050,
    metered_w: 6050,
    metered_ths: 180,
    efficiency_j_th: 33.6111,
    temp_chip_miners: 2,
    temp_chip_mean_c: 75.8,
    temp_chip_p50_c: 71,
    temp_chip_p90_c: 80.5,
    temp_chip_max_c: 80.5,
    temp_max_c: 80.5,
    fan_min_rpm: 4100,
  });
  expect(fieldsOf(lines, 'site_agg,algo=scrypt,site=site-1')).toMatchObject({
    hashrate_ths: 0.0095,
    hashing: 1,
  });
  expect(fieldsOf(lines, 'model_agg,algo=scrypt,model=antminer-l7,site=site-1')).toMatchObject({
    miners_seen: 1,
  });
});

test('a miner of which the minute has no sample is unknown, with what it should do, until an hour has gone by', () => {
  const measures = { hashrate_ths: 100, expected_ths: 110, accepted: 50 };
  const first = startHour('s', HOUR, new Map());
  first.addSlot(HOUR, [sample('a', 0, measures), sample('b', 0, measures)]);
  const later = first.addSlot(HOUR + 60, [sample('a', 60, { ...measures, accepted: 57 })]);
  const silent = {
    miners_known: 2,
    miners_seen: 1,
    unknown: 1,
    expected_known_ths: 220,
    accepted: 7,
  };
  expect(fieldsOf(later, 'site_agg,algo=sha256,site=s')).toMatchObject(silent);

  const second = startHour('s', HOUR + HOUR_S, first.carry());
  const next = second.addSlot(HOUR + HOUR_S, [sample('a', HOUR_S, { ...measures, accepted: 60 })]);
  expect(fieldsOf(next, 'site_agg,algo=sha256,site=s')).toMatchObject({ ...silent, accepted: 3 });
  const third = startHour('s', HOUR + 2 * HOUR_S, second.carry());
  const last = third.addSlot(HOUR + 2 * HOUR_S, [sample('a', 2 * HOUR_S, measures)]);
  expect(fieldsOf(last, 'site_agg,algo=sha256,site=s')).toMatchObject({
    miners_known: 1,
    unknown: 0,
  });
});

test('an hour: means of the minutes, least and most, shares; of each miner its own', () => {
  const hour = startHour('s', HOUR, new Map());
  for (let minute = 0; minute < 4; minute++) {
    const isOff = minute === 2;
    const measures = isOff
      ? { up: 0 }
      : {
          hashrate_ths: 90 + minute * 10,
          expected_ths: 100,
          power_w: 3000,
          accepted: minute * 5,
          uptime_s: 600 + minute * 60,
        };
    hour.addSlot(HOUR + minute * 60, [sample('a', minute * 60, measures)]);
  }
  const lines = hour.finish();
  expect(fieldsOf(lines, 'miner_1h,algo=sha256,miner=a,model=antminer-s19,site=s')).toMatchObject({
    samples: 4,
    up_share: 0.75,
    hashing_share: 0.75,
    hashrate_mean_ths: 103.333,
    hashrate_min_ths: 90,
    hashrate_max_ths: 120,
    percent_of_expected: 103.3,
    efficiency_j_th: 29.0323,
    accepted: 15,
    restarts: 0,
  });
  expect(fieldsOf(lines, 'site_1h,algo=sha256,site=s')).toMatchObject({
    slots: 4,
    offline: 0.3,
    hashrate_mean_ths: 77.5,
    hashrate_min_ths: 0,
    hashrate_max_ths: 120,
    power_mean_w: 3000,
    accepted: 15,
  });
});

test('a carry made of the hour alone serves the next as one made of all before it', () => {
  const measures = fc.record(
    {
      up: fc.constantFrom(0, 1),
      hashrate_ths: fc.constantFrom(0, 80, 100),
      expected_ths: fc.constantFrom(95, 100),
      accepted: fc.integer({ min: 0, max: 1000 }),
      uptime_s: fc.integer({ min: 0, max: 20_000 }),
    },
    { requiredKeys: [] },
  );
  const sent = fc.record({
    miner: fc.constantFrom('a', 'b', 'c'),
    minute: fc.integer({ min: 0, max: 179 }),
    measures,
  });
  fc.assert(
    fc.property(
      fc.uniqueArray(sent, {
        selector: ({ miner, minute }) => `${miner} ${minute}`,
        maxLength: 80,
      }),
      (all) => {
        const linesOf = (firstHour: number) => {
          let carry: ReturnType<ReturnType<typeof startHour>['carry']> = new Map();
          let lines: PointLine[] = [];
          for (let index = firstHour; index < 3; index++) {
            const hour = startHour('s', HOUR + index * HOUR_S, carry);
            lines = [];
            for (let minute = index * 60; minute < index * 60 + 60; minute++) {
              const ofMinute = all.filter((one) => one.minute === minute);
              if (ofMinute.length === 0) continue;
              lines.push(
                ...hour.addSlot(
                  HOUR + minute * 60,
                  ofMinute.map((one) => sample(one.miner, minute * 60, one.measures)),
                ),
              );
            }
            lines.push(...hour.finish());
            carry = hour.carry();
          }
          return lines;
        };
        expect(linesOf(1)).toEqual(linesOf(0));
      },
    ),
  );
});

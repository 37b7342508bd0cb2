import type { FastifyBaseLogger } from 'fastify';
import * as z from 'zod';
import type { Deps } from '../../deps.ts';
import { withDeadline } from '../../deadline.ts';
import { time } from '../../http/answers.ts';
import { InfluxError } from '../../influx/influx.ts';
import { seriesCondition } from '../stats/history.ts';

const STEP_S = 900;
const POINTS = 96;
/** The rest of the page must not wait for long. */
const DEADLINE_MS = 3_000;

const line = z.array(z.number().nullable());
export const sparklinesAnswer = z.object({
  /** Start of the first step. */
  from: time,
  step_s: z.number().int(),
  /** Averages of TH/s and W, maxima of °C and rpm, one for each step; null: nothing was reported in it. */
  hash_rate: line,
  power_consumption: line,
  temperature: line,
  temp_chip: line,
  fan_speed: line,
});
export type Sparklines = z.output<typeof sparklinesAnswer>;

const LINES = {
  hash_rate: 'mean("hashrate_ths")',
  power_consumption: 'mean("power_w")',
  temperature: 'max("temp_c")',
  temp_chip: 'max("temp_chip_c")',
  fan_speed: 'max("fan_rpm")',
} as const;
type LineName = keyof typeof LINES;

/** The last 24 h of a miner over all its series, in one query; null when InfluxDB cannot say. */
export async function readSparklines(
  { influx, config }: Pick<Deps, 'influx' | 'config'>,
  keys: readonly { scope: string; key: string }[],
  now: Date,
  log: FastifyBaseLogger,
): Promise<Sparklines | null> {
  const endS = Math.floor(now.getTime() / 1000 / STEP_S) * STEP_S + STEP_S;
  const fromS = endS - POINTS * STEP_S;
  const names = Object.keys(LINES) as LineName[];
  const lines = Object.fromEntries(
    names.map((name) => [name, Array.from({ length: POINTS }, (): number | null => null)]),
  ) as Record<LineName, (number | null)[]>;
  const from = new Date(fromS * 1000).toISOString();
  if (keys.length === 0) return { from, step_s: STEP_S, ...lines };
  const columns = names.map((name) => `${LINES[name]} AS "${name}"`).join(', ');
  try {
    const series = await withDeadline(
      influx.query(
        config.influx.database,
        `SELECT ${columns} FROM "miner" WHERE (${seriesCondition(keys)}) AND time >= ${fromS}s` +
          ` AND time < ${endS}s GROUP BY time(${STEP_S}s) fill(none)`,
      ),
      DEADLINE_MS,
      () => new InfluxError('unavailable', `no answer within ${DEADLINE_MS} ms`),
    );
    for (const { columns: got, values } of series) {
      for (const row of values) {
        const step = (Number(row[got.indexOf('time')]) - fromS) / STEP_S;
        for (const name of names) {
          const value = row[got.indexOf(name)];
          if (typeof value === 'number') lines[name][step] = value;
        }
      }
    }
  } catch (error) {
    if (!(error instanceof InfluxError)) throw error;
    log.warn({ err: error }, 'no sparklines');
    return null;
  }
  return { from, step_s: STEP_S, ...lines };
}

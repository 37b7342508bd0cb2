import { setTimeout as sleep } from 'node:timers/promises';
import type { Influx } from '../../influx/influx.ts';
import { HOUR_S } from './hour.ts';
import { READ_FIELDS, storedSample, type Row, type StoredSample } from './samples.ts';

const MINUTE_S = 60;
/** Rows of one answer, about: 3 MB of JSON, which hold up everything else in this process for some 40 ms. */
const ROWS = 30_000;
const LEAST_MINUTES = 10;
/** Between two answers, for the syncs that have arrived meanwhile. */
const PAUSE_MS = 20;

const SELECT = `SELECT ${READ_FIELDS.map((name) => `"${name}"`).join(', ')} FROM "miner"`;

/**
 * A site's samples from `fromS` to before `toS`, both within one hour, in pieces of whole minutes that follow one another;
 * each minute's samples are in one piece. `miners` (about how many there are) sets the size of the pieces.
 */
export async function* readSamples(
  influx: Influx,
  database: string,
  { scope, fromS, toS, miners }: { scope: string; fromS: number; toS: number; miners: number },
): AsyncGenerator<Map<number, StoredSample[]>> {
  const minutes = Math.min(
    HOUR_S / MINUTE_S,
    Math.max(LEAST_MINUTES, Math.floor(ROWS / Math.max(1, miners))),
  );
  for (let startS = fromS; startS < toS; startS += minutes * MINUTE_S) {
    const endS = Math.min(toS, startS + minutes * MINUTE_S);
    const series = await influx.query(
      database,
      `${SELECT} WHERE "site" = '${scope}' AND time >= ${startS}s AND time < ${endS}s GROUP BY "miner", "model"`,
    );
    const bySlot = new Map<number, StoredSample[]>();
    for (const { tags, values } of series) {
      const { miner = '', model = '' } = tags;
      for (const row of values) enterBySlot(bySlot, storedSample(miner, model, row as Row));
    }
    yield bySlot;
    await sleep(PAUSE_MS);
  }
}

export function enterBySlot(bySlot: Map<number, StoredSample[]>, sample: StoredSample): void {
  const slotS = sample.timeS - (sample.timeS % MINUTE_S);
  const slot = bySlot.get(slotS);
  if (slot) slot.push(sample);
  else bySlot.set(slotS, [sample]);
}

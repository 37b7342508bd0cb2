import type { TransactionSql } from 'postgres';
import type { MinerSample } from '#contract/miner.ts';
import type { CheckedSample } from './check-batch.ts';
import { cleanInPlace, cleanText } from './clean-text.ts';
import type { MinerRow } from './miner-row.ts';

/**
 * The row of `miner_latest` a sample makes. The detail is most of it and changes slowly: it comes with the samples
 * that carry boards, pools or errors, and stays until the next of these.
 */
function latestRow({ id, latest_at: before }: MinerRow, { sample, timeS }: CheckedSample) {
  const withDetail = before === null || sample.boards || sample.pools || sample.miner_errors;
  return {
    miner_id: id,
    at: new Date(timeS * 1000).toISOString(),
    reachable: sample.reachable !== false,
    reason: sample.reason,
    hashrate_ths: sample.hash_rate,
    expected_ths: sample.expected_hash_rate,
    power_w: sample.power_consumption,
    temp_c: sample.temperature,
    temp_chip_c: sample.temp_chip,
    fan_rpm: sample.fan_speed,
    accepted: sample.accepted_shares,
    rejected: sample.rejected_shares,
    uptime_s: sample.uptime_s,
    mining: sample.mining,
    worker: sample.pools ? workerOf(sample.pools) : null,
    detail: withDetail ? detailOf(sample) : null,
  };
}

/** The user at the pool it works for, else at the first one configured. */
function workerOf(pools: NonNullable<MinerSample['pools']>): string | null {
  return cleanText((pools.find((pool) => pool.active) ?? pools[0])?.user) ?? null;
}

const DETAILS = [
  'boards',
  'fans',
  'pools',
  'miner_errors',
  'partial',
  'hash_rate_window',
  'hash_rate_avg',
  'hw_errors',
  'stale_shares',
  'pool_switches',
  'temp_board',
  'temp_env',
  'power_limit_w',
  'power_source',
  'power_mode',
] as const satisfies (keyof MinerSample)[];

/** Null when there is nothing to say: what was last reported then stays. */
function detailOf(sample: MinerSample): Partial<MinerSample> | null {
  const detail: Record<string, unknown> = {};
  for (const name of DETAILS) {
    const value = sample[name];
    if (value !== null && value !== undefined) detail[name] = value;
  }
  cleanInPlace(detail);
  return Object.keys(detail).length > 0 ? detail : null;
}

/**
 * Makes the newest sample of each miner its latest state, in one statement. An older one changes nothing but
 * the moment of the last answer.
 */
export async function upsertLatest(
  tx: TransactionSql,
  samples: readonly CheckedSample[],
  rowsByKey: ReadonlyMap<string, MinerRow>,
): Promise<void> {
  const newest = new Map<MinerRow, CheckedSample>();
  const answered = new Map<MinerRow, number>();
  for (const checked of samples) {
    const row = rowsByKey.get(checked.key);
    if (!row) continue;
    const before = newest.get(row);
    if (!before || before.timeS <= checked.timeS) newest.set(row, checked);
    if (checked.sample.reachable !== false) {
      answered.set(row, Math.max(answered.get(row) ?? 0, checked.timeS));
    }
  }
  if (newest.size === 0) return;
  // Sorted, so that two batches with the same miners take the row locks in the same order.
  const rows = [...newest]
    .sort(([a], [b]) => a.id - b.id)
    .map(([row, checked]) => latestRow(row, checked));
  const written = await tx`
    INSERT INTO miner_latest AS l (miner_id, at, reachable, reason, hashrate_ths, expected_ths, power_w, temp_c,
      temp_chip_c, fan_rpm, accepted, rejected, uptime_s, mining, worker, detail, answered_at)
    SELECT miner_id, at, reachable, reason, hashrate_ths, expected_ths, power_w, temp_c,
      temp_chip_c, fan_rpm, accepted, rejected, uptime_s, mining, worker, detail, CASE WHEN reachable THEN at END
    FROM json_to_recordset(${JSON.stringify(rows)}::text::json) AS x (
      miner_id int, at timestamptz, reachable boolean, reason text, hashrate_ths float8, expected_ths float8,
      power_w float8, temp_c float8, temp_chip_c float8, fan_rpm float8, accepted float8, rejected float8,
      uptime_s float8, mining boolean, worker text, detail jsonb)
    ON CONFLICT (miner_id) DO UPDATE SET
      at = excluded.at, reachable = excluded.reachable, reason = excluded.reason,
      hashrate_ths = excluded.hashrate_ths, power_w = excluded.power_w,
      -- What a miner should do stays true while it does not answer.
      expected_ths = coalesce(excluded.expected_ths, l.expected_ths),
      temp_c = excluded.temp_c, temp_chip_c = excluded.temp_chip_c, fan_rpm = excluded.fan_rpm,
      accepted = excluded.accepted, rejected = excluded.rejected, uptime_s = excluded.uptime_s,
      mining = excluded.mining, worker = coalesce(excluded.worker, l.worker), detail = coalesce(excluded.detail, l.detail),
      answered_at = greatest(l.answered_at, excluded.answered_at)
    WHERE l.at <= excluded.at`;

  const olderThanAt = [...answered].filter(([row, timeS]) => newest.get(row)?.timeS !== timeS);
  if (written.count === rows.length && olderThanAt.length === 0) return;
  const times = [...answered].sort(([a], [b]) => a.id - b.id);
  await tx`
    UPDATE miner_latest l SET answered_at = x.at
    FROM unnest(${times.map(([row]) => row.id)}::int[], ${times.map(([, timeS]) => new Date(timeS * 1000).toISOString())}::timestamptz[])
           AS x (miner_id, at)
    WHERE l.miner_id = x.miner_id AND x.at <= l.at AND (l.answered_at IS NULL OR l.answered_at < x.at)`;
}

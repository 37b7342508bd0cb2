import { unlessBroken, type Demo } from './demo.ts';
import { openStored } from './stored.ts';

/** The one line `--check` prints. */
export interface CheckResult {
  /** Simulated miners that can be identified. */
  miners: number;
  /** Of these, with the right make and model in Postgres and samples in InfluxDB. */
  identified: number;
  /** What the agents were told is stored, without what was kept aside. */
  samplesAcknowledged: number;
  samplesStored: number;
  /** More than one point of a miner at one instant, and points nobody was told of. */
  duplicates: number;
  seconds: number;
}

const WITHIN_MS = 270_000;

/**
 * Waits until the history is delivered and every identifiable miner is there, or until it has taken too long;
 * then stops the agents and counts.
 */
export async function checkDemo(
  demo: Demo,
  startedAt: number,
  say: (line: string) => void,
): Promise<CheckResult> {
  const stored = openStored(demo.environment, demo.sites);
  try {
    const miners = stored.miners();
    const delivered = () => demo.acknowledged() > demo.historySamples;
    let missing = await stored.missing(demo.liveSince);
    while (!(delivered() && missing.length === 0) && Date.now() < startedAt + WITHIN_MS) {
      await unlessBroken(demo.broken);
      missing = await stored.missing(demo.liveSince);
    }
    for (const miner of missing) say(`not identified: ${miner}`);
    await demo.stopAgents();
    const samplesStored = await stored.samples();
    const samplesAcknowledged = demo.acknowledged() - (await stored.quarantined());
    return {
      miners,
      identified: miners - missing.length,
      samplesAcknowledged,
      samplesStored,
      duplicates: (await stored.duplicates()) + Math.max(0, samplesStored - samplesAcknowledged),
      seconds: Math.round((Date.now() - startedAt) / 1000),
    };
  } finally {
    await stored.close();
  }
}

export function hasPassed(result: CheckResult): boolean {
  return (
    result.identified === result.miners &&
    result.samplesStored === result.samplesAcknowledged &&
    result.duplicates === 0
  );
}

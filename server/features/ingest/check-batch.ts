import { isIP } from 'node:net';
import type { DiscoveredMiner, MinerSample } from '#contract/miner.ts';
import type { QuarantineCode } from '#contract/refusals.ts';
import type { SyncBody } from '#contract/sync.ts';
import { RAW_RETENTION_DAYS } from '../../influx/databases.ts';
import { cleanInPlace, cleanText } from './clean-text.ts';
import { dropNaN, implausible } from './measure-ranges.ts';
import { readTime } from './read-time.ts';
import { canonicalIp, normalMac, seriesKey, type Identity } from './series-key.ts';

/** A sample that may be stored: its numbers are finite and plausible, its make and model clean text. */
export interface CheckedSample extends Identity {
  /** Place in `miner_stats`. */
  index: number;
  key: string;
  /** Whole seconds. */
  timeS: number;
  sample: MinerSample;
}

/** A discovered miner that may be stored. */
export interface CheckedDiscovery extends Identity {
  index: number;
  key: string;
  found: DiscoveredMiner;
}

/** One item kept aside, and why. */
export interface SetAside {
  list: 'miner_stats' | 'discovered_miners';
  index: number;
  code: QuarantineCode;
  /** Names the field and the remedy. */
  detail: string;
  sample: object;
}

export interface CheckedBatch {
  samples: CheckedSample[];
  discoveries: CheckedDiscovery[];
  setAside: SetAside[];
  /** Things worth saying that cost nothing but themselves. */
  remarks: string[];
}

const DAY_MS = 86_400_000;
/** How far the clock of a sender may be ahead. */
export const FUTURE_MS = 10 * 60_000;
/** Before this no farm reported to us: the clock was never set. */
const CLOCK_SET_AT = Date.UTC(2020, 0, 1);
/**
 * InfluxDB drops what is older than the retention. The rollups need the hour of a sample and the one before, and an hour is
 * for the time until then.
 */
export const OLDEST_MS = RAW_RETENTION_DAYS * DAY_MS - 3 * 3_600_000;

/** What times are held against. */
interface Clocks {
  now: Date;
  /** When times are a guess of the agent's: nothing can be older than this. */
  unsureSince: Date | null;
}

/**
 * Judges each item of a batch by its values, alone: one that cannot be true is set aside with its reason and
 * the rest goes on. Types have been checked before. `registeredAt`: the agent's; when its times are a guess
 * (`batch.unsure`), those before it are wrong.
 */
export function checkBatch(body: SyncBody, now: Date, registeredAt: Date): CheckedBatch {
  const batch: CheckedBatch = { samples: [], discoveries: [], setAside: [], remarks: [] };
  const unsureSince = body.batch?.unsure ? new Date(registeredAt.getTime() - DAY_MS) : null;
  checkSamples(body.miner_stats, { now, unsureSince }, batch);
  checkDiscoveries(body.discovered_miners, batch);
  return batch;
}

function checkSamples(list: readonly MinerSample[], clocks: Clocks, batch: CheckedBatch): void {
  const seen = new Map<string, CheckedSample>();
  // The samples of a poll share their time.
  const times = new Map<string, number | null>();
  for (const [index, sample] of list.entries()) {
    const identity = identityOf(sample);
    tidySample(sample);
    // NaN is outside of every range, so a sample that is plausible at first sight has none.
    let unlikely = implausible(sample);
    if (unlikely !== null) {
      for (const field of dropNaN(sample)) {
        batch.remarks.push(`miner_stats.${index}.${field}: is NaN; stored as not reported`);
      }
      unlikely = implausible(sample);
    }
    const refuse = (code: QuarantineCode, detail: string) =>
      setAside(batch, { index, sample }, code, detail);
    if (typeof identity === 'string') {
      refuse('bad_address', identity);
      continue;
    }
    let at = times.get(sample.timestamp);
    if (at === undefined) {
      at = readTime(sample.timestamp);
      times.set(sample.timestamp, at);
    }
    const problem = timeProblem(at, sample.timestamp, clocks);
    if (at === null || problem) {
      refuse(problem?.code ?? 'bad_timestamp', `timestamp: ${problem?.detail}`);
      continue;
    }
    if (unlikely !== null) {
      refuse('bad_value', unlikely);
      continue;
    }
    const key = seriesKey(identity);
    const timeS = Math.floor(at / 1000);
    const point = `${key} ${timeS}`;
    const checked: CheckedSample = { index, key, timeS, sample, ...identity };
    const before = seen.get(point);
    // A miner that has moved is asked at its old address until the next scan: silence there is no news of it.
    const answersElsewhere = before?.sample.reachable === false && sample.reachable !== false;
    if (before) {
      const twice = `timestamp: ${key} is twice in this body at this second; send it once`;
      setAside(batch, answersElsewhere ? before : checked, 'duplicate', twice);
      if (!answersElsewhere) continue;
      batch.samples.splice(batch.samples.indexOf(before), 1);
    }
    seen.set(point, checked);
    batch.samples.push(checked);
  }
}

function setAside(
  batch: CheckedBatch,
  { index, sample }: Pick<CheckedSample, 'index' | 'sample'>,
  code: QuarantineCode,
  detail: string,
): void {
  batch.setAside.push({
    list: 'miner_stats',
    index,
    code,
    detail: `miner_stats.${index}.${detail}`,
    sample,
  });
}

function checkDiscoveries(list: readonly DiscoveredMiner[], batch: CheckedBatch): void {
  const byKey = new Map<string, CheckedDiscovery>();
  for (const [index, found] of list.entries()) {
    const identity = identityOf(found);
    cleanInPlace(found);
    if (typeof identity === 'string') {
      batch.setAside.push({
        list: 'discovered_miners',
        index,
        code: 'bad_address',
        detail: `discovered_miners.${index}.${identity}`,
        sample: found,
      });
      continue;
    }
    const key = seriesKey(identity);
    const before = byKey.get(key);
    if (before) {
      batch.remarks.push(
        `discovered_miners.${index}: is the same miner as discovered_miners.${before.index}; the first is taken`,
      );
      continue;
    }
    byKey.set(key, { index, key, found, ...identity });
  }
  batch.discoveries = [...byKey.values()];
}

/** Who the item is about, or what is wrong with its address. */
function identityOf(item: MinerSample | DiscoveredMiner): Identity | string {
  const ip = item.ip_address.trim();
  // A zone ("fe80::1%eth0") means something to the sender alone.
  if (isIP(ip) === 0 || ip.includes('%')) {
    return `ip_address: "${cleanText(ip.slice(0, 80)) ?? ''}" is no IP address; send IPv4 or IPv6 without a zone`;
  }
  if (!(item.port >= 1 && item.port <= 65_535)) {
    return `port: ${item.port} is outside 1..65535; send the port the miner answers on`;
  }
  return {
    mac: normalMac(item.mac),
    serial: cleanText(item.serial),
    ip: canonicalIp(ip),
    port: item.port,
  };
}

function timeProblem(
  at: number | null,
  text: string,
  { now, unsureSince }: Clocks,
): { code: QuarantineCode; detail: string } | null {
  const oldest = now.getTime() - OLDEST_MS;
  const isUnsure = unsureSince !== null;
  const isGuessedWrong = isUnsure && at !== null && at < unsureSince.getTime();
  if (at !== null && at >= oldest && at <= now.getTime() + FUTURE_MS && !isGuessedWrong) {
    return null;
  }
  const said = `"${cleanText(text.slice(0, 40)) ?? ''}"`;
  if (at === null) {
    return {
      code: 'bad_timestamp',
      detail: `${said} is no ISO 8601 time; send 2026-11-22T07:12:05Z`,
    };
  }
  if (at < CLOCK_SET_AT) {
    return { code: 'clock', detail: `${said} is before 2020; set the clock of the sender` };
  }
  if (isGuessedWrong) {
    return {
      code: 'clock',
      detail: `${said} is before the agent was registered, and its clock was not set when it polled`,
    };
  }
  if (at > now.getTime() + FUTURE_MS) {
    return {
      code: isUnsure ? 'clock' : 'future',
      detail: `${said} is more than 10 minutes ahead; set the clock of the sender`,
    };
  }
  return {
    code: 'too_old',
    detail: `${said} is older than the ${RAW_RETENTION_DAYS} days samples are kept`,
  };
}

/**
 * Takes out the raw replies some agents add, which are not stored and are far larger than all the rest, and
 * cleans what the inventory takes from a sample. What lies deeper is cleaned where it is stored: there are a
 * hundred thousand values in a batch, and most go no further than a line of numbers.
 */
function tidySample(sample: MinerSample): void {
  // Only where present: adding a field to each of a thousand samples costs more than the rest of the check.
  if (sample.summary_data) sample.summary_data = undefined;
  if (sample.stats_data) sample.stats_data = undefined;
  sample.manufacturer = cleanText(sample.manufacturer);
  sample.model = cleanText(sample.model);
}

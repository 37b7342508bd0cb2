import { identify } from '../../agent/identify.ts';
import type { MinerContext } from '../../agent/miner.ts';
import { readMiner } from '../../agent/read.ts';
import { emptyReading } from '../../agent/reading.ts';
import { loadSets, titleOf } from './captured-set.ts';
import type { CapturedSet } from './captured-set.ts';
import { compareValues, identificationFaults } from './compare.ts';
import { compareReplies } from './malformed.ts';
import type { Comparison, Observed } from './outcome.ts';
import { replay } from './replay.ts';

export interface SetResult {
  title: string;
  identified: string;
  faults: string[];
  comparisons: Comparison[];
}

export interface RunResult {
  sets: SetResult[];
}

/** Defects of single replies. */
const NOT_DEVICES = new Set(['malformed']);

/** Lets the agent identify and read every set of the folder through real sockets. */
export async function runConformance(
  folder: string,
  families: readonly string[] | null,
): Promise<RunResult> {
  const sets: SetResult[] = [];
  for (const [index, set] of loadSets(folder, families).entries()) {
    sets.push(NOT_DEVICES.has(set.family) ? readReplies(set) : await runSet(set, addressOf(index)));
  }
  return { sets };
}

/** An address of its own for every set. */
function addressOf(index: number): string {
  return `127.61.${Math.floor(index / 250)}.${(index % 250) + 1}`;
}

function readReplies(set: CapturedSet): SetResult {
  return {
    title: titleOf(set),
    identified: 'no device: single replies',
    faults: [],
    comparisons: compareReplies(set),
  };
}

async function runSet(set: CapturedSet, host: string): Promise<SetResult> {
  await using device = await replay(set, host);
  const ending = new AbortController();
  const context: MinerContext = { signal: ending.signal, dial: device.dial, credentials: {} };
  const identified = await identify(host, device.openPorts, context);
  const read = identified.kind === 'miner' ? await readMiner(identified.miner, context) : null;
  const known = identified.kind === 'miner' ? identified.miner.identity : emptyReading().identity;
  const reading = read?.reachable ? read.reading : { ...emptyReading(), identity: known };
  const observed: Observed = { identified, read, reading };
  return {
    title: titleOf(set),
    identified: describe(observed),
    faults: identificationFaults(set, observed),
    comparisons: identified.kind === 'miner' ? compareValues(set, observed) : unread(set),
  };
}

function unread(set: CapturedSet): Comparison[] {
  return Object.entries(set.expected).map(([value, expected]) => ({
    value,
    kind: 'differs',
    expected,
    found: 'not identified',
  }));
}

function describe({ identified, reading }: Observed): string {
  if (identified.kind !== 'miner') return 'unknown';
  const { make, model, firmwareVersion } = reading.identity;
  return [identified.miner.family, make ?? '?', model ?? '?', firmwareVersion ?? '?'].join(' · ');
}

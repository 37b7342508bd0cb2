import { isDeepStrictEqual } from 'node:util';
import { SCAN_PORTS } from '../agent/families/index.ts';
import { identify } from '../agent/identify.ts';
import type { IdentifyResult, MinerContext } from '../agent/miner.ts';
import { readMiner } from '../agent/read.ts';
import type { Reading } from '../agent/reading.ts';
import type { Farm, FarmMiner } from './farm.ts';
import { open } from './raw-client.ts';
import type { MinerTruth } from './truth.ts';

/** For tests: our agent before a farm, and whether it reads what is true. */

/** The agent where web interfaces listen on `httpPort`, so that a test needs no privilege; it dials that for port 80. */
export function agentOn(httpPort: number) {
  const context: MinerContext = {
    signal: new AbortController().signal,
    dial: (host, port) => ({ host, port: port === 80 ? httpPort : port }),
    credentials: {},
  };

  async function openPorts(host: string): Promise<number[]> {
    const found = await Promise.all(
      SCAN_PORTS.map(async (port) => {
        try {
          const at = context.dial(host, port);
          (await open(at.host, at.port)).destroy();
          return [port];
        } catch {
          return [];
        }
      }),
    );
    return found.flat();
  }

  async function identified(host: string): Promise<IdentifyResult> {
    return identify(host, await openPorts(host), context);
  }

  async function read(miner: FarmMiner): Promise<Reading> {
    const name = miner.model ?? miner.family;
    const result = await identified(miner.ip);
    if (result.kind !== 'miner') throw new Error(`${name}: ${JSON.stringify(result.exchanges)}`);
    const { family, port } = result.miner;
    if (family !== miner.family || port !== miner.port) {
      throw new Error(
        `${name} is taken for ${family} on ${port}, not ${miner.family} on ${miner.port}`,
      );
    }
    const said = await readMiner(result.miner, context);
    if (!said.reachable) throw new Error(`${name}: ${said.detail}`);
    return said.reading;
  }

  return {
    identify: identified,
    read,
    /** Reads every miner of a farm and collects what does not agree at `time`. */
    async readAll(farm: Farm, time: Date): Promise<string[]> {
      const all = await Promise.all(
        farm.miners.map(async (miner) => disagreements(miner, await read(miner), miner.at(time))),
      );
      return all.flat();
    },
  };
}

/** Some add up what each board takes, rounded. */
const POWER_W = 1;

/** Where a reading differs from the truth by more than the firmware's own rounding. */
export function disagreements(miner: FarmMiner, reading: Reading, truth: MinerTruth): string[] {
  const { reports } = miner;
  const found: string[] = [];
  const same = (what: string, value: unknown, expected: unknown): void => {
    if (isDeepStrictEqual(value, expected)) return;
    found.push(
      `${miner.model ?? miner.family}: ${what} is ${JSON.stringify(value)}, not ${JSON.stringify(expected)}`,
    );
  };
  const near = (
    what: string,
    value: number | null | undefined,
    exact: number,
    by: number,
  ): void => {
    if (value == null || Math.abs(value - exact) > by) {
      found.push(`${miner.model ?? miner.family}: ${what} is ${value}, not ${exact}`);
    }
  };
  /** Rates: some machines make kilohashes. */
  const nearRate = (what: string, value: number | null | undefined, exact: number): void =>
    near(what, value, exact, Math.min(1e-3, exact * 1e-3) + 1e-12);
  same('problems', reading.quality.problems, []);
  same('MAC', reading.identity.mac, reports.mac ? miner.mac : null);
  if (reading.identity.serial !== null) same('serial', reading.identity.serial, miner.serial);
  same('make', reading.identity.make, miner.make);
  same('model', reading.identity.model, miner.model);
  nearRate('hashrate', reading.hashrate.nowThs, truth.hashrateThs);
  if (reports.expected) nearRate('expected', reading.hashrate.expectedThs, truth.expectedThs);
  same('uptime', reading.state.uptimeS, steps(truth.uptimeS, reports.uptimeStepS));
  readsFans();
  const boards = reading.boards.filter(({ chips }) => !reports.emptySlots || chips !== 0);
  same('number of boards', boards.length, truth.boards.length);
  for (const [index, board] of truth.boards.entries()) {
    const read = boards[index];
    if (read?.serial != null) same(`serial of ${index}`, read.serial, board.serial);
    if (reports.boardRates) nearRate(`board ${index}`, read?.hashrateThs, board.hashrateThs);
    if (reports.boardChips !== 'none') {
      const chips = reports.boardChips === 'found' ? board.chips : board.chipsGood;
      near(`chips of ${index}`, read?.chips, chips, 0);
    }
  }
  if (reports.chipTemp) near('chips', reading.thermal.chipMaxC, truth.chipMaxC, 0.51);
  if (reports.boardTemp) near('board sensors', reading.thermal.boardMaxC, truth.boardMaxC, 0.51);
  if (reports.ambient) near('air', reading.thermal.envC, truth.ambientC, 0.51);
  if (reports.power) near('power', reading.power.watts, truth.powerW, POWER_W);
  else same('power', reading.power.watts, null);
  const inUse = truth.pools.find(({ active }) => active);
  const counted = reports.pools === 'in-use' && inUse !== undefined ? inUse : truth;
  same('accepted', reading.shares.accepted, counted.accepted);
  same('rejected', reading.shares.rejected, counted.rejected);
  // ePIC names the pool in use first.
  same('pools', byUrl(poolsRead()), byUrl(poolsTrue()));
  return found;

  function readsFans(): void {
    if (reports.fans !== 'rpm') {
      same(
        'fans',
        reading.fans.flatMap(({ rpm }) => rpm ?? []),
        [],
      );
      same(
        'a duty',
        reading.fans.some(({ percent }) => percent !== null),
        reports.fans === 'percent',
      );
      return;
    }
    same(
      'fans',
      reading.fans.map((fan) => fan.rpm),
      reports.standingFans ? truth.fansRpm : truth.fansRpm.filter((rpm) => rpm > 0),
    );
  }

  function poolsRead(): PoolSeen[] {
    return reading.pools
      .filter(({ isDevFee }) => !isDevFee)
      .map(({ url, active, alive }) =>
        pool(url, active, alive, truth.pools.find((one) => bare(one.url) === bare(url))?.active),
      );
  }

  function poolsTrue(): PoolSeen[] {
    const count = reports.pools === 'first-two' ? 2 : truth.pools.length;
    return truth.pools
      .slice(0, count)
      .filter(({ active }) => reports.pools !== 'in-use' || active)
      .map(({ url, active, alive }) =>
        pool(url, reports.poolsInUse ? active : null, alive, active),
      );
  }

  /** Left out: whether it is alive, where the firmware does not say so of this one. */
  function pool(
    url: string | null,
    active: boolean | null,
    alive: boolean | null,
    inUse: boolean | undefined,
  ): PoolSeen {
    const tells =
      reports.poolsAlive === 'all' || (reports.poolsAlive === 'in-use' && inUse === true);
    return { url: bare(url), active, ...(tells ? { alive } : {}) };
  }
}

/** VNish and pages for people leave the scheme out. */
function bare(url: string | null): string | undefined {
  return url?.replace(/^stratum\+tcp:\/\//, '');
}

interface PoolSeen {
  url: string | undefined;
  active: boolean | null;
  alive?: boolean | null;
}

const byUrl = (pools: readonly PoolSeen[]): PoolSeen[] =>
  pools.toSorted((a, b) => (a.url ?? '').localeCompare(b.url ?? ''));

function steps(seconds: number, stepS: number | null): number | null {
  return stepS === null ? null : seconds - (seconds % stepS);
}

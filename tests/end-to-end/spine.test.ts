import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { MODELS } from '../../simulator/models.ts';
import type { Reports } from '../../simulator/reports.ts';
import type { MinerTruth } from '../../simulator/truth.ts';
import { buildAgent } from '../../simulator/services/agent-process.ts';
import { startSystem, until, type System } from './system.ts';

const LONG = { timeout: 240_000 };

beforeAll(buildAgent);

/** Points of the measurement `miner`; each has the field `up`. */
async function storedSamples(system: System): Promise<number> {
  const rows = await system.influx('SELECT count("up") FROM "miner"');
  return Number(rows[0]?.values[0]?.[1] ?? 0);
}

/** Points of one miner at one instant beyond the first, whatever their tags. */
async function repeatedSamples(system: System): Promise<number> {
  const instants = new Map<unknown, number>();
  let points = 0;
  for (const { tags, values } of await system.influx('SELECT "up" FROM "miner" GROUP BY *')) {
    for (const [time] of values) {
      instants.set(`${tags['site']} ${tags['miner']} ${time}`, points);
      points += 1;
    }
  }
  return points - instants.size;
}

test('a reply on a socket becomes a row in Postgres and points in InfluxDB', LONG, async () => {
  const now = new Date();
  await using system = await startSystem({
    range: '127.31.1.0/27',
    miners: MODELS.length,
    seed: 7,
    // The miners' time stands still, so every reading of one shows the same values.
    clock: () => now,
  });
  await until('every miner has samples', async () => {
    const series = await system.influx(
      'SELECT count("hashrate_ths") FROM "miner" GROUP BY "miner"',
    );
    return series.length >= MODELS.length;
  });

  const rows = await system.sql<
    {
      id: number;
      ip: string;
      mac: string | null;
      manufacturer: string;
      model: string;
      key: string;
    }[]
  >`select m.id, host(m.ip_address) as ip, m.mac, m.manufacturer, m.model, k.key
    from miners m join miner_keys k on k.miner_id = m.id where m.scope = ${system.scope}`;
  expect(rows.map(({ ip }) => ip).toSorted()).toEqual(
    system.farm.miners.map(({ ip }) => ip).toSorted(),
  );
  for (const miner of system.farm.miners) {
    const { reports } = miner;
    const truth = miner.at(now);
    const row = rows.find(({ ip }) => ip === miner.ip);
    const [series] = await system.influx(
      `SELECT last("hashrate_ths"), "temp_c", "fan_rpm", "power_w", "up" FROM "miner"
       WHERE "site" = '${system.scope}' AND "miner" = '${row?.key}'`,
    );
    const [, hashrateThs, tempC, fanRpm, powerW, up] = series?.values[0] ?? [];
    const expected = {
      manufacturer: miner.make,
      model: miner.model,
      key: reports.mac ? miner.mac : `ip-${miner.ip.replaceAll('.', '-')}-${miner.port}`,
      hashrateThs: truth.hashrateThs,
      tempC: hottest(truth, reports),
      fanRpm: Math.max(...truth.fansRpm),
      powerW: reports.power ? truth.powerW : null,
      up: 1,
    };
    // Firmware rounds: to a gigahash, a degree, ten rpm, a watt.
    expect({
      manufacturer: row?.manufacturer,
      model: row?.model,
      key: row?.key,
      hashrateThs: near(hashrateThs, expected.hashrateThs, 0.005 * truth.hashrateThs),
      tempC: near(tempC, expected.tempC, 1),
      fanRpm: near(fanRpm, expected.fanRpm, 60),
      powerW: near(powerW, expected.powerW, 0.005 * truth.powerW),
      up,
    }).toEqual(expected);
  }
});

/** The truth where the value comes close enough to it, else the value. */
function near(value: unknown, truth: number | null, tolerance: number): unknown {
  if (typeof value !== 'number' || truth === null) return value;
  return Math.abs(value - truth) <= tolerance ? truth : value;
}

function hottest(truth: MinerTruth, reports: Reports): number | null {
  if (reports.chipTemp) return truth.chipMaxC;
  return reports.boardTemp ? truth.boardMaxC : null;
}

const NOTHING_WRONG = { lost: 0, claimed: 0, invented: 0, repeated: 0 };

/** The agent is stopped: what it made, what it was told, and what is there. `others`: samples not from it. */
async function account(system: System, others = 0): Promise<typeof NOTHING_WRONG> {
  const { polled, acknowledged } = system.agent;
  const stored = (await storedSamples(system)) - others;
  return {
    /** Made, but neither acknowledged nor still on its disk. */
    lost: polled - acknowledged - (await system.held()),
    /** Acknowledged, but not there. */
    claimed: Math.max(0, acknowledged - stored),
    /** There, but never made. */
    invented: Math.max(0, stored - polled),
    repeated: await repeatedSamples(system),
  };
}

describe('an outage loses nothing and stores nothing twice', () => {
  const farm = { miners: 20, seed: 3, faults: 'none' } as const;

  /** Runs until both sides of the outage are polled and everything is delivered. */
  async function through(system: System, begin: () => Promise<void>, end: () => Promise<void>) {
    await until('samples are acknowledged', () => system.agent.acknowledged >= 2 * farm.miners);
    await begin();
    const { polled } = system.agent;
    await until('three cycles passed', () => system.agent.polled >= polled + 3 * farm.miners);
    expect(await system.queued()).not.toHaveLength(0);
    await end();
    const { acknowledged } = system.agent;
    await until('the backlog is delivered', async () => {
      return system.agent.acknowledged > acknowledged && (await system.queued()).length <= 1;
    });
    await system.stopAgent();
  }

  test('of the server, killed in the middle of its work', LONG, async () => {
    await using system = await startSystem({ ...farm, range: '127.31.2.0/27' });
    await through(system, system.killServer, system.startServer);
    expect(await account(system)).toEqual(NOTHING_WRONG);
  });

  test('of InfluxDB, killed while it is written to', LONG, async () => {
    await using system = await startSystem({ ...farm, range: '127.31.3.0/27' });
    await through(
      system,
      async () => {
        await system.killInflux();
        // An old agent sends once and forgets: what it sends now is the server's to keep.
        expect(await syncLegacy(system, new Date())).toBe(200);
      },
      system.startInflux,
    );
    await until('what the server kept is stored', async () => {
      const [row] = await system.sql<
        { kept: number }[]
      >`select count(*)::int as kept from pending_samples`;
      return row?.kept === 0;
    });
    expect(await account(system, LEGACY_MINERS.length)).toEqual(NOTHING_WRONG);
  });

  test(
    'control: without the agent’s queue the same outage loses samples, and the count shows it',
    LONG,
    async () => {
      await using system = await startSystem({ ...farm, range: '127.31.4.0/27' });
      await through(system, system.killServer, async () => {
        for (const file of (await system.queued()).slice(0, -1)) await rm(file);
        await system.startServer();
      });
      expect((await account(system)).lost).toBeGreaterThan(0);
    },
  );
});

const LEGACY_MINERS = ['10.9.0.1', '10.9.0.2', '10.9.0.3'];

async function syncLegacy(system: System, at: Date): Promise<number> {
  const timestamp = at.toISOString().replace('Z', '');
  const answer = await fetch(`${system.serverUrl}/api/agent/sync`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-api-key': system.apiKey },
    body: JSON.stringify({
      miner_stats: LEGACY_MINERS.map((ip_address) => ({ ip_address, timestamp, hash_rate: 95.5 })),
    }),
  });
  await answer.arrayBuffer();
  return answer.status;
}

test('an old agent’s golden requests are answered as ever', LONG, async () => {
  await using system = await startSystem({ range: '127.31.5.0/27', miners: 1, seed: 1 });
  const folder = join(import.meta.dirname, '../../contract/goldens');
  const bodies: string[] = [];
  for (const name of await readdir(folder, { recursive: true })) {
    if (!name.endsWith('.json')) continue;
    const text = await readFile(join(folder, name), 'utf8');
    // Ours names its batch. Not parsed: Python writes a bare NaN.
    if (/"(miner_stats|discovered_miners)"/.test(text) && !/"batch"/.test(text)) bodies.push(text);
  }
  expect(bodies.length).toBeGreaterThanOrEqual(2);
  for (const body of bodies) {
    const answer = await fetch(`${system.serverUrl}/api/agent/sync`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-api-key': system.apiKey },
      body,
    });
    expect(answer.status).toBe(200);
    expect(Object.keys((await answer.json()) as object)).toEqual([
      'miners_added',
      'miners_updated',
      'stats_added',
      'errors',
    ]);
  }
});

import type { SyncRequest } from '#contract/sync.ts';
import { checkProblems } from '../../server/features/problems/check.ts';
import type { TestServer } from '../support/server.ts';
import { minerOf, sync } from './admin-page.ts';

const MINUTE_MS = 60_000;
const iso = (ms: number) => new Date(ms).toISOString();

type Miner = ReturnType<typeof minerOf>;

/** A sample with everything a stock Antminer tells. */
function inFull({ sample }: Miner, at: number, wave: number) {
  const rate = sample.hash_rate + 2 * Math.sin(wave);
  return {
    ...sample,
    timestamp: iso(at),
    hash_rate: rate,
    fan_speed: 5_460,
    temp_chip: 68 + 6 * Math.sin(wave / 2),
    fans: [5_400, 5_460, 5_380, 5_420],
    uptime_s: 431_000,
    accepted_shares: 48_000,
    rejected_shares: 61,
    boards: [0, 1, 2].map((slot) => ({
      slot,
      hash_rate: rate / 3,
      temp_chip: 64 + slot * 2,
      temp_board: 52 + slot,
      chips: 126,
      chips_expected: 126,
      frequency_mhz: 545,
      voltage_v: 13.7,
      hw_errors: slot,
    })),
    miner_errors: [{ code: 'R:1', text: 'ERROR_POWER_LOST: power voltage rise or drop' }],
    pools: [
      {
        url: 'stratum+tcp://eu.pool.example:3333',
        user: 'farm.001',
        active: true,
        alive: true,
        accepted: 48_000,
        rejected: 61,
      },
      {
        url: 'stratum+ssl://north-america-backup.pool.example:3333',
        user: 'farm.001',
        active: false,
        alive: true,
      },
    ],
  };
}

/**
 * A farm as one meets it: two sites with containers, an agent that works, one that is silent, one still to be
 * installed, miners in every state, a day of history of the first. Returns what pages of it are.
 */
export async function seedFarm(server: TestServer, count = 60) {
  const post = async (path: string, body: object, method = 'POST') => {
    const answer = await server.call(method, path, { token: server.adminToken, body });
    if (answer.status >= 300) throw new Error(`${path}: ${answer.status} ${answer.body.detail}`);
    return answer.body;
  };
  const north = await post('/api/sites', { name: 'North', location: 'Hall 1–2' });
  const south = await post('/api/sites', { name: 'South', location: 'Yard' });
  await post(
    `/api/sites/${north.id}`,
    {
      time_zone: 'Asia/Krasnoyarsk',
      capacity_w: 400_000,
      places: 80,
      tariff_per_kwh: 4.2,
      currency: 'RUB',
    },
    'PATCH',
  );
  const containers = [];
  for (const name of ['A', 'B']) {
    containers.push(
      await post('/api/containers', { name, site_id: north.id, location: `Row ${name}` }),
    );
  }
  const works = await server.registerAgent('north-1', north.id);
  const silent = await server.registerAgent('south-1', south.id);
  const waiting = await server.registerAgent('south-2', south.id);

  const miners = Array.from({ length: count }, (_, index) =>
    minerOf(index, index % 17 === 5 ? { hashrateThs: 61 } : {}),
  );
  const now = Date.now();
  const samples: NonNullable<SyncRequest['miner_stats']> = miners.map(({ sample }, index) => {
    if (index % 13 === 7) {
      const { ip_address, port, mac, timestamp } = sample;
      return { ip_address, port, mac, timestamp, reachable: false, reason: 'timeout' as const };
    }
    if (index % 19 === 11) return { ...sample, hash_rate: 0, mining: false };
    return index === 2 ? { ...sample, temp_chip: 97, fans: [0, 5_400] } : sample;
  });
  const [first] = miners;
  if (!first) throw new Error('a farm has miners');
  samples[0] = inFull(first, now, 0);
  const report = {
    version: '0.1.0',
    boot: 'b',
    backlog: { batches: 42, bytes: 1_680_000, oldest: iso(now - 70 * MINUTE_MS) },
    clock_error_ms: 1_240,
    cycle: {
      at: iso(now),
      duration_ms: 3_240,
      miners: count,
      reachable: count - 3,
      interval_s: 60,
    },
    queue: { state: 'disk' as const, in_memory: 0, dead: 0, damaged: 0, last_error: null },
    gaps: [
      {
        id: 'g1',
        from: iso(now - 300 * MINUTE_MS),
        to: iso(now - 290 * MINUTE_MS),
        batches: 3,
        samples: 180,
        reason: 'disk',
      },
    ],
  };
  const queue = '0193d3b8-0000-7000-8000-000000000001';
  const day = Array.from({ length: 95 }, (_, step) =>
    inFull(first, now - (95 - step) * 15 * MINUTE_MS, step / 5),
  );
  await sync(server, works.apiKey, {
    discovered_miners: miners.map(({ found }) => found),
    miner_stats: day.filter((_, step) => step < 40 || step > 47),
    batch: { queue, seq: 1 },
    agent: { version: '0.1.0', boot: 'b' },
  });
  await sync(server, works.apiKey, {
    miner_stats: samples,
    batch: { queue, seq: 2 },
    agent: report,
    scan: {
      started_at: iso(now - 90_000),
      finished_at: iso(now - 20_000),
      ranges: ['10.0.0.0/24'],
      addresses: 254,
      identified: count,
      unknown: 2,
      silent: 180,
      refused: 12,
      excluded: 2,
      unknown_devices: [
        { ip_address: '10.0.0.200', open_ports: [80], heard: '<title>Some strange device</title>' },
        { ip_address: '10.0.0.201', open_ports: [80, 4028], heard: null },
      ],
    },
  });
  const others = [900, 901, 902].map((index) => minerOf(index));
  await sync(server, silent.apiKey, {
    discovered_miners: others.map(({ found }) => found),
    miner_stats: others.map(({ sample }) => sample),
  });
  const { sql, influx, config, clock } = server.deps;
  await sql`update agents set last_seen_at = now() - interval '47 minutes' where id = ${silent.id}`;
  await sql`update miners set container_id = ${containers[0].id}, tags = '{rack-7,loud}' where agent_id = ${works.id} and id % 3 = 0`;
  await sql`
    update miners set tags = '{rack-1,watch}', container_id = ${containers[1].id},
      note = 'Fan 2 replaced in May; hums since.', serial = 'SN-0001', hostname = 'antminer-0'
    where name = 'Rack-0'`;
  // What a new control board leaves behind: the same machine under another MAC.
  await sql`
    update miners set serial = 'SN-0001' where name = 'Rack-1'`;
  await checkProblems({ sql, influx, config, clock });
  const [one] = await sql<{ id: number }[]>`select id from miners where name = 'Rack-0'`;
  const [off] = await sql<{ id: number }[]>`select id from miners where name = 'Rack-7'`;
  return { works, silent, waiting, minerId: one?.id ?? 0, offlineId: off?.id ?? 0 };
}

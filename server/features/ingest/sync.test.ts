import { createHash, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { SyncRequest } from '../../../contract/sync.ts';
import { startTestServer } from '../../../tests/support/server.ts';
import { pointsIn, sync, syncGzip } from '../../../tests/support/sync.ts';

/** Five minutes ago, on a slot of five minutes. */
const SLOT_S = Math.floor(Date.now() / 300_000) * 300 - 300;
const SLOT = new Date(SLOT_S * 1000).toISOString();

function ours(seq: number, more: Partial<SyncRequest> = {}, queue = randomUUID()): SyncRequest {
  return {
    miner_stats: [
      {
        ip_address: '10.1.0.7',
        port: 4028,
        timestamp: SLOT,
        mac: '02:AB:CD:00:00:07',
        manufacturer: 'AntMiner',
        model: 'S19j Pro+',
        hash_rate: 104.123456,
        expected_hash_rate: 110,
        temperature: 71.26,
        fan_speed: 5880,
        fans: [5880, 5760, null, 0],
        power_consumption: 3068,
        accepted_shares: 12,
        boards: [
          { slot: 0, hash_rate: 52.1, temp_chip: 71.26, chips: 126 },
          { slot: 1, hash_rate: 0, temp_chip: null },
        ],
        pools: [{ url: 'stratum+tcp://pool.example:3333', user: 'worker.001' }],
      },
    ],
    ...more,
    batch: { queue, seq },
  };
}

test('an old agent: a scan, then a poll in times without a zone, become rows and points', async () => {
  await using server = await startTestServer();
  const { id, apiKey } = await server.registerAgent('old');
  const scan = {
    discovered_miners: [{ ip_address: '192.168.1.20', port: 4028, name: 'Unknown-192.168.1.20' }],
  };
  expect((await sync(server, apiKey, scan)).body).toEqual({
    miners_added: 1,
    miners_updated: 0,
    stats_added: 0,
    errors: [],
  });
  expect((await sync(server, apiKey, scan)).body).toMatchObject({
    miners_added: 0,
    miners_updated: 1,
  });

  const poll = {
    miner_stats: [
      {
        ip_address: '192.168.1.20',
        port: 4028,
        timestamp: SLOT.replace('.000Z', '.123456'),
        hash_rate: 0.0000123,
        accepted_shares: 7,
        pool_switches: 0.0251,
        temperature: null,
        summary_data: { 'GHS 5s': '0.0123' },
      },
    ],
  };
  expect((await sync(server, apiKey, poll)).body).toEqual({
    miners_added: 0,
    miners_updated: 0,
    stats_added: 1,
    errors: [],
  });
  const points = await pointsIn(server);
  expect([...points]).toEqual([
    [
      `ip-192-168-1-20-4028 ${SLOT_S}`,
      {
        time: SLOT_S,
        site: `agent-${id}`,
        model: 'unknown',
        up: 1,
        hashrate_ths: 0.0000123,
        accepted: 7,
        pool_switches: 0.0251,
      },
    ],
  ]);
  const [agent] = await server.deps.sql`SELECT last_seen_at, last_ip FROM agents WHERE id = ${id}`;
  expect(agent?.['last_seen_at']).toBeInstanceOf(Date);
  expect(agent?.['last_ip']).toBe('127.0.0.1');
});

test('ours: the batch is named back with the hash of what was read, and stored as points', async () => {
  await using server = await startTestServer();
  const { apiKey } = await server.registerAgent('new');
  const body = ours(1);
  const text = JSON.stringify(body);
  const { status, body: answer } = await syncGzip(server, apiKey, text);
  expect(status).toBe(200);
  expect(answer).toMatchObject({
    miners_added: 1,
    stats_added: 1,
    errors: [],
    duplicate: false,
    quarantined: [],
    gaps_taken: [],
    batch: { ...body.batch, sha256: createHash('sha256').update(text).digest('hex') },
    next: { live_ms: 0, backlog_ms: expect.any(Number), max_bytes: 8 * 1024 * 1024 },
  });
  expect([...(await pointsIn(server))]).toEqual([
    [
      `02abcd000007 ${SLOT_S}`,
      {
        time: SLOT_S,
        site: 'agent-1',
        model: 'antminer-s19j-pro-plus',
        up: 1,
        hashrate_ths: 104.123,
        expected_ths: 110,
        temp_c: 71.3,
        fan_rpm: 5880,
        fan_min_rpm: 0,
        fan1_rpm: 5880,
        fan2_rpm: 5760,
        fan4_rpm: 0,
        power_w: 3068,
        accepted: 12,
        boards: 2,
      },
    ],
  ]);
  expect(
    [...(await pointsIn(server, 'board'))].map(([key, fields]) => [
      key,
      fields['hashrate_ths'],
      fields['chips'],
    ]),
  ).toEqual([
    [`02abcd000007/0 ${SLOT_S}`, 52.1, 126],
    [`02abcd000007/1 ${SLOT_S}`, 0, undefined],
  ]);
  const [latest] = await server.deps.sql`SELECT * FROM miner_latest`;
  expect(latest).toMatchObject({ reachable: true, hashrate_ths: 104.123456, fan_rpm: 5880 });
  expect(latest?.['detail']).toMatchObject({
    pools: [{ user: 'worker.001' }],
    fans: [5880, 5760, null, 0],
  });
});

test('who reports a backlog counts for the pace before it sends any of it', async () => {
  await using server = await startTestServer();
  const paceWith = async (batches: number): Promise<unknown> => {
    const { apiKey } = await server.registerAgent(`agent ${batches} ${Math.random()}`);
    const report = { version: '1', boot: 'b', backlog: { batches, bytes: 1, oldest: null } };
    const { body } = await sync(server, apiKey, { ...ours(1), agent: report });
    return body.next?.backlog_ms;
  };
  for (let agent = 0; agent < 6; agent += 1) expect(await paceWith(1)).toBe(50);
  for (let agent = 0; agent < 5; agent += 1) await paceWith(40);
  expect(await paceWith(40)).toBeGreaterThan(50);
});

test('a server that starts keeps places for the agents seen before', async () => {
  await using before = await startTestServer();
  const { apiKey } = await before.registerAgent('one of many');
  await before.deps.sql`
    INSERT INTO agents (name, last_seen_at) SELECT 'agent ' || n, now() FROM generate_series(1, 60) n`;
  await using server = await startTestServer({ sql: before.deps.sql });
  const { body } = await sync(server, apiKey, ours(1));
  expect(body.next.live_ms).toBeGreaterThan(1_000);
  expect(body.next.backlog_ms).toBeGreaterThan(1_000);
});

test('the same batch again is a duplicate with the same answer; another one under its name is refused', async () => {
  await using server = await startTestServer();
  const { apiKey } = await server.registerAgent('new');
  const body = ours(5);
  const first = await sync(server, apiKey, body);
  const again = await sync(server, apiKey, body);
  expect(again.body).toMatchObject({
    ...first.body,
    duplicate: true,
    next: expect.anything(),
    server_time: expect.anything(),
  });
  expect((await pointsIn(server)).size).toBe(1);
  const [receipt] = await server.deps.sql`SELECT deliveries, samples FROM ingest_receipts`;
  expect(receipt).toEqual({ deliveries: 2, samples: 1 });

  const other = await sync(server, apiKey, { ...body, miner_stats: [] });
  expect(other.status).toBe(409);
  expect(other.body.code).toBe('seq_reused');
});

test("a receipt is its agent's alone: the same bytes by another agent are not taken for stored", async () => {
  await using server = await startTestServer();
  const one = await server.registerAgent('one');
  const two = await server.registerAgent('two');
  const body = ours(1);
  expect((await sync(server, one.apiKey, body)).status).toBe(200);
  expect((await sync(server, two.apiKey, body)).body.code).toBe('seq_reused');
});

test('a delivery repeated in parallel leaves one receipt, one miner and one point', async () => {
  await using server = await startTestServer();
  const { apiKey } = await server.registerAgent('new');
  const body = ours(1);
  const replies = await Promise.all([1, 2, 3, 4].map(() => sync(server, apiKey, body)));
  expect(replies.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
  const [counts] = await server.deps.sql`
    SELECT (SELECT count(*)::int FROM miners) AS miners, (SELECT count(*)::int FROM ingest_receipts) AS receipts`;
  expect(counts).toEqual({ miners: 1, receipts: 1 });
  expect((await pointsIn(server)).size).toBe(1);
});

function at(minutesAgo: number): string {
  return new Date(Date.now() - minutesAgo * 60_000).toISOString();
}

function scan(minutes: number, identified: number) {
  return {
    started_at: at(minutes + 1),
    finished_at: at(minutes),
    ranges: ['10.1.0.0/24'],
    addresses: 254,
    identified,
    unknown: 0,
    silent: 254 - identified,
    refused: 0,
    excluded: 0,
    unknown_devices: [],
  };
}
function agent(minutes: number, version: string) {
  return {
    version,
    boot: 'b1',
    gaps: [{ id: 'g1', from: at(90), to: at(80), batches: 3, samples: 30, reason: 'disk' }],
    cycle: { at: at(minutes), duration_ms: 900, miners: 1, reachable: 1 },
  };
}

test('gaps, the scan and the report of the agent are recorded, and an older batch does not set them back', async () => {
  await using server = await startTestServer();
  const { id, apiKey } = await server.registerAgent('new');
  const queue = randomUUID();
  const newer = await sync(
    server,
    apiKey,
    ours(2, { scan: scan(1, 9), agent: agent(1, '0.2.0') }, queue),
  );
  expect(newer.body.gaps_taken).toEqual(['g1']);
  const older = await sync(
    server,
    apiKey,
    ours(1, { scan: scan(60, 2), agent: agent(60, '0.1.0') }, queue),
  );
  expect(older.body.gaps_taken).toEqual(['g1']);
  const [row] = await server.deps.sql`
    SELECT a.report->>'version' AS version, s.report->>'identified' AS identified,
      (SELECT count(*)::int FROM ingest_gaps) AS gaps
    FROM agents a JOIN scan_reports s ON s.agent_id = a.id WHERE a.id = ${id}`;
  expect(row).toEqual({ version: '0.2.0', identified: '9', gaps: 1 });
});

test('an unreachable miner is a point with up=0, and keeps when it last answered', async () => {
  await using server = await startTestServer();
  const { apiKey } = await server.registerAgent('new');
  await sync(server, apiKey, ours(1));
  const later = new Date((SLOT_S + 60) * 1000);
  const silent = {
    miner_stats: [
      {
        ip_address: '10.1.0.7',
        mac: '02abcd000007',
        timestamp: later.toISOString(),
        reachable: false,
        reason: 'timeout' as const,
      },
    ],
  };
  expect((await sync(server, apiKey, ours(2, silent))).status).toBe(200);
  expect((await pointsIn(server)).get(`02abcd000007 ${SLOT_S + 60}`)).toMatchObject({ up: 0 });
  const [latest] = await server.deps
    .sql`SELECT at, reachable, reason, hashrate_ths, answered_at, detail FROM miner_latest`;
  expect(latest).toMatchObject({
    at: later,
    reachable: false,
    reason: 'timeout',
    hashrate_ths: null,
    answered_at: new Date(SLOT),
  });
  expect(latest?.['detail']).toHaveProperty('pools');
});

test('an older sample is stored as history and never rolls the state back', async () => {
  await using server = await startTestServer();
  const { apiKey } = await server.registerAgent('new');
  const sample = (minutesAgo: number, more: object) => ({
    miner_stats: [
      {
        ip_address: '10.1.0.7',
        mac: '02abcd000007',
        timestamp: new Date((SLOT_S - minutesAgo * 60) * 1000).toISOString(),
        ...more,
      },
    ],
  });
  await sync(
    server,
    apiKey,
    ours(3, sample(0, { hash_rate: 100, ip_address: '10.1.0.8', model: 'S21' })),
  );
  await sync(server, apiKey, ours(4, sample(2, { reachable: false, reason: 'timeout' })));
  await sync(
    server,
    apiKey,
    ours(2, sample(30, { hash_rate: 50, ip_address: '10.1.0.7', model: 'S19' })),
  );
  const [row] = await server.deps.sql`
    SELECT host(m.ip_address) AS ip, m.model, l.hashrate_ths, l.reachable, l.at FROM miners m JOIN miner_latest l ON l.miner_id = m.id`;
  expect(row).toEqual({
    ip: '10.1.0.8',
    model: 'S21',
    hashrate_ths: 100,
    reachable: true,
    at: new Date(SLOT_S * 1000),
  });
  expect((await pointsIn(server)).size).toBe(3);
});

const afterTheGoldens = () => new Date('2026-11-22T07:13:00Z');

test.each([
  ['old-agent-scan.json', 2, 0, 0],
  ['old-agent-scan-unidentified.json', 2, 0, 0],
  ['old-agent-poll.json', 2, 2, 0],
  ['old-agent-poll-with-zone.json', 2, 2, 0],
  ['old-agent-poll-nan.json', 2, 2, 2],
  ['old-agent-poll-text-counters.json', 2, 2, 0],
  ['agent-batch.json', 2, 2, 0],
])('what agents are known to send, byte for byte: %s', async (name, miners, samples, errors) => {
  await using server = await startTestServer({ clock: afterTheGoldens });
  const { apiKey } = await server.registerAgent('a');
  const golden = readFileSync(new URL(`../../../contract/goldens/v1/${name}`, import.meta.url));
  const { status, body } = await sync(server, apiKey, golden);
  expect(status).toBe(200);
  expect(body).toMatchObject({ miners_added: miners, stats_added: samples });
  expect(body.errors).toHaveLength(errors);
  const times = new Set([...(await pointsIn(server)).values()].map(({ time }) => Number(time)));
  const slot = Date.parse('2026-11-22T07:12:00Z') / 1000;
  expect([...times].every((time) => time >= slot && time <= slot + 5)).toBe(true);
});

function inMinutes(minutes: number): string {
  return new Date(Date.now() + minutes * 60_000).toISOString();
}

test('what an agent says of its cycles stays until it says otherwise, and cannot be nonsense', async () => {
  await using server = await startTestServer();
  const { id, apiKey } = await server.registerAgent('a');
  const say = async (cycle?: { at: string; interval_s: number }) => {
    const counts = { duration_ms: 1, miners: 0, reachable: 0 };
    const agent = { version: '1', boot: 'b', ...(cycle ? { cycle: { ...counts, ...cycle } } : {}) };
    expect((await sync(server, apiKey, { agent })).status).toBe(200);
    const [row] = await server.deps.sql<{ at: string; interval: number }[]>`
      SELECT report #>> '{cycle,at}' AS at, (report #>> '{cycle,interval_s}')::float8 AS interval
      FROM agents WHERE id = ${id}`;
    return row;
  };
  const told = { at: inMinutes(-2), interval_s: 600 };
  expect(await say(told)).toEqual({ at: told.at, interval: 600 });
  // With a scan, or in the middle of a long cycle, it does not speak of cycles.
  expect(await say()).toEqual({ at: told.at, interval: 600 });
  // A clock that was wrong once must not outweigh every later report.
  expect(await say({ at: inMinutes(90 * 24 * 60), interval_s: 300 })).toEqual({
    at: told.at,
    interval: 600,
  });
  for (const interval_s of [1e308, 1e-320]) {
    await say({ at: inMinutes(-1), interval_s });
    const listed = await server.call('GET', '/api/agents', { token: server.adminToken });
    expect(listed.status).toBe(200);
  }
});

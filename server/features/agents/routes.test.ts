import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { InfluxError } from '../../influx/influx.ts';
import { writeAgentMetrics } from './metrics.ts';
import { startTestServer, type TestServer } from '../../../tests/support/server.ts';

let server: TestServer;
let token: string;
beforeAll(async () => {
  server = await startTestServer();
  token = server.adminToken;
});
afterAll(() => server[Symbol.asyncDispose]());

const report = {
  version: '1.0.0',
  boot: 'b1',
  backlog: { batches: 2, bytes: 900, oldest: '2026-11-22T07:00:00.000Z' },
  cycle: {
    at: '2026-11-22T07:12:00.000Z',
    duration_ms: 900,
    miners: 1,
    reachable: 1,
    interval_s: 60,
  },
};
const scan = {
  started_at: '2026-11-22T07:10:00.000Z',
  finished_at: '2026-11-22T07:11:00.000Z',
  ranges: ['10.0.0.0/30'],
  addresses: 4,
  identified: 1,
  unknown: 1,
  silent: 2,
  refused: 0,
  excluded: 0,
  unknown_devices: [{ ip_address: '10.0.0.2', open_ports: [80], heard: 'HTTP/1.1 200' }],
};

/** Of an agent that has said nothing and lost nothing. */
const nothing = {
  backlog: null,
  queue: null,
  clock_error_ms: null,
  cycle: null,
  gaps: { count: 0, batches: 0, samples: 0, last_at: null },
  quarantine: { held: 0, bytes: 0, set_aside: 0, not_kept: 0 },
  refusals: [],
  pending: { syncs: 0, samples: 0, bytes: 0, oldest: null },
  scan: null,
};

test('agents with what they say of themselves, and their last scan', async () => {
  const site = await server.call('POST', '/api/sites', { token, body: { name: 'North' } });
  const agent = await server.registerAgent('north-1', site.body.id);
  const idle = await server.registerAgent('new');
  const answer = await server.call('POST', '/api/agent/sync', {
    headers: { 'x-api-key': agent.apiKey },
    body: { discovered_miners: [{ ip_address: '10.0.0.1' }], agent: report, scan },
  });
  expect(answer.status).toBe(200);

  const list = await server.call('GET', '/api/agents', { token });
  expect(list.status).toBe(200);
  expect(list.body).toEqual([
    {
      id: idle.id,
      name: 'new',
      description: null,
      site_id: null,
      site_name: null,
      is_active: true,
      created_at: expect.stringMatching(/Z$/),
      last_seen: null,
      silent: true,
      miner_count: 0,
      report: null,
      ingest: nothing,
    },
    {
      id: agent.id,
      name: 'north-1',
      description: null,
      site_id: site.body.id,
      site_name: 'North',
      is_active: true,
      created_at: expect.stringMatching(/Z$/),
      last_seen: expect.stringMatching(/Z$/),
      silent: false,
      miner_count: 1,
      report,
      ingest: {
        ...nothing,
        backlog: report.backlog,
        cycle: report.cycle,
        scan: { identified: 1, unknown: 1, silent: 2, refused: 0 },
      },
    },
  ]);
  expect((await server.call('GET', `/api/agents/${agent.id}/scan`, { token })).body).toEqual(scan);
  const none = await server.call('GET', `/api/agents/${idle.id}/scan`, { token });
  expect(none.status).toBe(404);
  expect((await server.call('GET', '/api/agents/x/scan', { token })).status).toBe(422);
});

/** An agent of which everything that can be held up, set aside, lost or refused has been. */
async function troubled() {
  const agent = await server.registerAgent(randomUUID());
  const headers = { 'x-api-key': agent.apiKey };
  const send = (body: object) => server.call('POST', '/api/agent/sync', { headers, body });
  const gap = { from: at(900), to: at(600), batches: 3, reason: 'bytes' };
  const queue = {
    state: 'memory',
    in_memory: 4,
    dead: 1,
    damaged: 2,
    last_error: 'ENOSPC',
  };
  const said = {
    version: '1.0.0',
    boot: 'b1',
    backlog: { batches: 7, bytes: 700, oldest: at(3_600) },
    cycle: { at: at(30), duration_ms: 4_200, miners: 9, reachable: 8, interval_s: 30 },
    clock_error_ms: -1_500,
    queue,
  };
  const gaps = [
    { id: 'g1', samples: 30, ...gap },
    { id: 'g2', samples: 12, ...gap, from: at(500), to: at(400) },
  ];
  await send({ agent: { ...said, gaps }, scan });
  await send({ miner_stats: [{ ip_address: 'nowhere', timestamp: at(0) }] });
  await send({ miner_stats: 'none' });
  await send({ miner_stats: 'none' });
  const real = { ...server.deps.influx };
  const away = new InfluxError('unavailable', 'away');
  Object.assign(server.deps.influx, { write: () => Promise.reject(away) });
  await send({ miner_stats: [{ ip_address: '10.0.0.9', timestamp: at(0) }] });
  Object.assign(server.deps.influx, real);
  // What is counted is written when it is asked for, too.
  await server.call('GET', '/api/ingest/refusals', { token });
  return { agent, said };
}
const at = (secondsAgo: number) => new Date(Date.now() - secondsAgo * 1000).toISOString();

test('all that is held up, set aside, lost or refused of an agent is seen with it', async () => {
  const { agent, said } = await troubled();
  const one = await server.call('GET', `/api/agents/${agent.id}`, { token });
  const iso = expect.stringMatching(/^\d{4}-.*Z$/) as string;
  expect(one.body.ingest).toEqual({
    backlog: said.backlog,
    queue: said.queue,
    clock_error_ms: -1_500,
    cycle: said.cycle,
    gaps: { count: 2, batches: 6, samples: 42, last_at: iso },
    quarantine: { held: 1, bytes: expect.any(Number), set_aside: 1, not_kept: 0 },
    refusals: [
      {
        code: 'invalid_body',
        count: 2,
        last_at: iso,
        last_detail: expect.stringContaining('miner_stats') as string,
      },
    ],
    pending: { syncs: 1, samples: 1, bytes: expect.any(Number), oldest: iso },
    scan: { identified: 1, unknown: 1, silent: 2, refused: 0 },
  });
  const list = await server.call('GET', '/api/agents', { token });
  expect(list.body).toContainEqual(one.body);
  expect((await server.call('GET', '/api/agents/999999', { token })).status).toBe(404);

  const gaps = await server.call('GET', `/api/ingest/gaps?agent_id=${agent.id}&limit=1`, { token });
  const totals = { count: 2, batches: 6, samples: 42 };
  expect(gaps.body).toMatchObject({
    total: totals,
    agents: [{ agent_id: agent.id, ...totals }],
    newest: [{ gap_id: 'g2', samples: 12, reason: 'bytes', from: iso, to: iso, at: iso }],
  });
  expect(gaps.body.newest).toHaveLength(1);
  const none = await server.call('GET', '/api/ingest/gaps?agent_id=999999', { token });
  expect(none.body).toEqual({
    total: { count: 0, batches: 0, samples: 0 },
    agents: [],
    newest: [],
  });
});

test('the same as a metric: a point for each agent and minute, by one server of several', async () => {
  const { agent } = await troubled();
  const idle = await server.registerAgent(randomUUID());
  const off = await server.registerAgent(randomUUID());
  await server.deps.sql`UPDATE agents SET is_active = false WHERE id = ${off.id}`;
  const { sql, influx, config } = server.deps;
  await sql.begin(async (tx) => {
    await tx`SELECT pg_advisory_xact_lock(hashtextextended('agent metrics', 0))`;
    expect(await writeAgentMetrics(server.deps)).toBe('left');
  });
  const now = new Date(Math.floor(Date.now() / 60_000) * 60_000 + 30_000);
  for (let i = 0; i < 2; i++) {
    expect(await writeAgentMetrics({ ...server.deps, clock: () => now })).toBe('written');
  }

  const series = await influx.query(
    config.influx.database,
    'SELECT * FROM agent GROUP BY agent, site',
  );
  const of = (id: number) => {
    const found = series.find(({ tags }) => tags['agent'] === `agent-${id}`);
    const [row, ...more] = found?.values ?? [];
    expect(more).toEqual([]);
    return Object.fromEntries((found?.columns ?? []).map((name, i) => [name, row?.[i] ?? null]));
  };
  expect(of(agent.id)).toMatchObject({
    time: now.getTime() / 1000 - 30,
    backlog_batches: 7,
    backlog_bytes: 700,
    memory_batches: 4,
    clock_error_ms: -1_500,
    cycle_ms: 4_200,
    cycle_miners: 9,
    cycle_reachable: 8,
    gap_samples: 42,
    quarantined: 1,
    quarantine_held: 1,
    refused: 2,
    pending: 1,
    scan_identified: 1,
    scan_unknown: 1,
    scan_silent: 2,
    scan_refused: 0,
  });
  expect(Number(of(agent.id)['backlog_age_s']) / 3_600).toBeCloseTo(1, 1);
  expect(of(agent.id)['silence_s']).toEqual(expect.any(Number));
  expect(of(idle.id)).toMatchObject({ silence_s: null, backlog_age_s: null, gap_samples: 0 });
  expect(series.map(({ tags }) => tags['site'])).toContain(`agent-${agent.id}`);
  expect(series.some(({ tags }) => tags['agent'] === `agent-${off.id}`)).toBe(false);
});

test('what unknown devices said stays until there is none any more, and comes as a file', async () => {
  const agent = await server.registerAgent('meets strangers');
  const file = {
    format: 'hashyard-unknown-devices-1',
    made_at: '2026-11-22T07:11:00.000Z',
    agent: '1.0.0',
    devices: [
      {
        name: 'device-1',
        open_ports: [80],
        replies: [
          {
            request: 'GET /',
            transport: 'http',
            port: 80,
            note: 'HTTP 200',
            reply: `${'line\r\n'.repeat(200)}\u0000\ud800`,
          },
        ],
      },
    ],
  };
  const sync = (minute: number, more: object) =>
    server.call('POST', '/api/agent/sync', {
      headers: { 'x-api-key': agent.apiKey },
      body: {
        agent: report,
        scan: { ...scan, finished_at: `2026-11-22T07:${minute}:00.000Z`, ...more },
      },
    });
  const get = (path: string) => server.call('GET', `/api/agents/${agent.id}${path}`, { token });

  expect((await sync(11, {})).status).toBe(200);
  expect((await get('/scan/unknown')).status).toBe(404);
  expect((await sync(12, { unknown_file: file })).status).toBe(200);
  expect((await sync(13, {})).status).toBe(200);
  const answer = await get('/scan/unknown');
  expect(answer.status).toBe(200);
  expect(answer.headers.get('content-disposition')).toContain(
    `unknown-devices-agent-${agent.id}.json`,
  );
  expect(answer.body).toMatchObject({ format: file.format, devices: [{ open_ports: [80] }] });
  // Line breaks and length are kept; what Postgres does not take is not.
  expect(answer.body.devices[0].replies[0].reply).toBe(`${'line\r\n'.repeat(200)}\ufffd`);
  expect((await get('/scan')).body).not.toHaveProperty('unknown_file');
  expect((await sync(14, { unknown: 0, unknown_devices: [] })).status).toBe(200);
  expect((await get('/scan/unknown')).status).toBe(404);
});

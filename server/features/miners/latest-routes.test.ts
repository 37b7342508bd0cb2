import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { startTestServer, type TestServer } from '../../../tests/support/server.ts';

interface Latest {
  id: number;
  ip_address: string;
  state: string;
  reason: string | null;
}

let server: TestServer;
let siteId: number;
let agent: { id: number; apiKey: string };

/** One miner for each case a state distinguishes, by its last octet. */
const SAMPLES = [
  {
    ip_address: '10.0.0.1',
    hash_rate: 100,
    expected_hash_rate: 100,
    temperature: 71.5,
    temp_chip: 80,
    fan_speed: 5200,
    power_consumption: 3250,
    uptime_s: 3600,
    mining: true,
  },
  { ip_address: '10.0.0.2', hash_rate: 80, expected_hash_rate: 100 },
  { ip_address: '10.0.0.3', hash_rate: 0, expected_hash_rate: 100 },
  { ip_address: '10.0.0.4', reachable: false, reason: 'timeout' },
  { ip_address: '10.0.0.5', temperature: 60 },
  { ip_address: '10.0.0.6', hash_rate: 12, mining: false },
];

beforeAll(async () => {
  server = await startTestServer();
  const token = server.adminToken;
  siteId = (await server.call('POST', '/api/sites', { token, body: { name: 'North' } })).body.id;
  agent = await server.registerAgent('north-1', siteId);
  const timestamp = new Date().toISOString();
  const answer = await server.call('POST', '/api/agent/sync', {
    headers: { 'x-api-key': agent.apiKey },
    body: {
      discovered_miners: [
        {
          ip_address: '10.0.0.1',
          manufacturer: 'AntMiner',
          model: 'S19',
          mac: '02:00:5e:00:00:01',
          firmware: 'Bitmain',
          firmware_version: '1.2',
        },
        { ip_address: '10.0.0.9' },
      ],
      miner_stats: SAMPLES.map((sample) => Object.assign({ timestamp }, sample)),
    },
  });
  if (answer.status !== 200) throw new Error(`sync answered ${answer.status}`);
  const other = await server.registerAgent('loose');
  await server.call('POST', '/api/agent/sync', {
    headers: { 'x-api-key': other.apiKey },
    body: { miner_stats: [{ ip_address: '10.0.0.1', timestamp, hash_rate: 1 }] },
  });
});
afterAll(() => server[Symbol.asyncDispose]());
beforeEach(async () => {
  await server.deps.sql`update agents set last_seen_at = now(), report = null`;
});

const latest = async (query = `agent_id=${agent.id}`): Promise<Latest[]> => {
  const token = server.adminToken;
  const answer = await server.call('GET', `/api/miners/latest?${query}`, { token });
  expect(answer.status).toBe(200);
  return answer.body;
};
const states = async (query?: string) =>
  Object.fromEntries((await latest(query)).map((row) => [row.ip_address, [row.state, row.reason]]));

test('each miner has its newest sample and what it means', async () => {
  const first = (await latest()).find((row) => row.ip_address === '10.0.0.1');
  expect(first).toEqual({
    id: expect.any(Number),
    name: 'AntMiner-10.0.0.1',
    ip_address: '10.0.0.1',
    port: 4028,
    manufacturer: 'AntMiner',
    model: 'S19',
    firmware: 'Bitmain',
    firmware_version: '1.2',
    mac: '02005e000001',
    serial: null,
    site_id: siteId,
    site_name: 'North',
    container_name: null,
    agent_id: agent.id,
    state: 'hashing',
    reason: null,
    at: expect.stringMatching(/Z$/),
    answered_at: expect.stringMatching(/Z$/),
    hash_rate: 100,
    expected_hash_rate: 100,
    temperature: 71.5,
    temp_chip: 80,
    fan_speed: 5200,
    power_consumption: 3250,
    uptime_s: 3600,
  });
  expect(await states()).toEqual({
    '10.0.0.1': ['hashing', null],
    '10.0.0.2': ['degraded', 'below_expected'],
    '10.0.0.3': ['idle', 'no_hashrate'],
    '10.0.0.4': ['offline', 'timeout'],
    '10.0.0.5': ['unknown', 'hashrate_not_reported'],
    '10.0.0.6': ['idle', 'not_mining'],
    '10.0.0.9': ['unknown', 'no_sample'],
  });
});

test('two sites with the same addresses are told apart by filter', async () => {
  expect(await latest(`site_id=${siteId}`)).toHaveLength(7);
  const all = await latest('');
  expect(all.filter((row) => row.ip_address === '10.0.0.1')).toHaveLength(2);
  expect(await latest(`site_id=${siteId}&agent_id=${agent.id + 1}`)).toEqual([]);
});

test.each([
  ['an old agent after 2 minutes', '2 min', null, 'hashing'],
  ['an old agent after 4 minutes', '4 min', null, 'unknown'],
  ['one that polls every 5 minutes after 14', '14 min', 300, 'hashing'],
  ['one that polls every 5 minutes after 16', '16 min', 300, 'unknown'],
  ['one that polls every 10 s after 2 minutes', '2 min', 10, 'hashing'],
  ['one that claims to poll once a week after 4 hours', '4 h', 604_800, 'unknown'],
])('silence of %s', async (_who, silence, interval, state) => {
  const { sql } = server.deps;
  const report = interval === null ? null : sql.json({ cycle: { interval_s: interval } });
  await sql`
    update agents set last_seen_at = now() - ${silence}::interval, report = ${report}
    where id = ${agent.id}`;
  const reason = state === 'unknown' ? 'agent_silent' : null;
  expect((await states())['10.0.0.1']).toEqual([state, reason]);
});

test('a miner its agent no longer speaks of is unknown', async () => {
  const { sql } = server.deps;
  await sql`update miner_latest set at = at - interval '12 min'`;
  expect((await states())['10.0.0.1']).toEqual(['hashing', null]);
  await sql`update miner_latest set at = at - interval '2 min'`;
  expect((await states())['10.0.0.1']).toEqual(['unknown', 'no_sample']);
  await sql`update miner_latest set at = at + interval '14 min'`;
});

test('Grafana is told the same state', async () => {
  const { sql } = server.deps;
  const compare = async () => {
    const rows = await sql<{ id: number; state: string }[]>`select id, state from grafana.miners`;
    const ours = new Map((await latest('')).map((row) => [row.id, row.state]));
    expect(new Map(rows.map((row) => [row.id, row.state]))).toEqual(ours);
  };
  await compare();
  await sql`update agents set last_seen_at = now() - interval '4 min' where id = ${agent.id}`;
  await compare();
});

test('a filter of another type is refused by name', async () => {
  const token = server.adminToken;
  const answer = await server.call('GET', '/api/miners/latest?site_id=north', { token });
  expect(answer.body).toMatchObject({ status: 422, errors: [{ path: 'site_id' }] });
});

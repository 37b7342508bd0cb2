import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestServer, type TestServer } from '../../../tests/support/server.ts';

let server: TestServer;
let token: string;
let siteId: number;
let agent: { id: number; apiKey: string };
const startS = Math.floor(Date.now() / 60_000) * 60 - 3600;
const at = (minute: number) => new Date((startS + minute * 60) * 1000).toISOString();

const sync = async (body: unknown) => {
  const answer = await server.call('POST', '/api/agent/sync', {
    headers: { 'x-api-key': agent.apiKey },
    body,
  });
  expect(answer.body).toMatchObject({ errors: [] });
};
const idOf = async (ip: string): Promise<number> => {
  const { body } = await server.call('GET', '/api/miners', { token });
  return body.find((miner: { ip_address: string }) => miner.ip_address === ip).id;
};
const totals = async (path: string, as = token) => {
  const answer = await server.call('GET', `/api/stats/${path}`, { token: as });
  expect(answer.status).toBe(200);
  return answer.body;
};
const NOTHING = {
  total_miners: 0,
  active_miners: 0,
  total_hash_rate: null,
  avg_temperature: null,
  avg_power_consumption: null,
};

beforeAll(async () => {
  server = await startTestServer();
  token = server.adminToken;
  siteId = (await server.call('POST', '/api/sites', { token, body: { name: 'North' } })).body.id;
  agent = await server.registerAgent('north-1', siteId);
});
afterAll(() => server[Symbol.asyncDispose]());

test('readings of a miner, newest first, over every key it had', async () => {
  // Known by its address first; then its MAC is learnt, and it moves to another address.
  await sync({ miner_stats: [{ ip_address: '10.0.0.1', timestamp: at(1), hash_rate: 91.5 }] });
  const mac = '02:00:5e:10:00:01';
  await sync({
    discovered_miners: [{ ip_address: '10.0.0.1', mac }],
    miner_stats: [
      {
        ip_address: '10.0.0.1',
        mac,
        timestamp: at(2),
        hash_rate: 92.25,
        accepted_shares: 10,
        rejected_shares: 1,
        pool_switches: 0.5,
        temperature: 70,
        fan_speed: 5000,
        power_consumption: 3200,
      },
      { ip_address: '10.0.0.1', mac, timestamp: at(3), reachable: false, reason: 'timeout' },
    ],
  });
  await sync({
    discovered_miners: [{ ip_address: '10.0.0.77', mac }],
    miner_stats: [{ ip_address: '10.0.0.77', mac, timestamp: at(4), hash_rate: 0 }],
  });
  const id = await idOf('10.0.0.77');
  const answer = await server.call('GET', `/api/stats/miners/${id}`, { token });
  expect(answer.status).toBe(200);
  const empty = {
    accepted_shares: null,
    rejected_shares: null,
    pool_switches: null,
    temperature: null,
    fan_speed: null,
    power_consumption: null,
  };
  expect(answer.body).toEqual([
    { id: startS + 240, miner_id: id, timestamp: at(4), hash_rate: 0, ...empty },
    {
      id: startS + 120,
      miner_id: id,
      timestamp: at(2),
      hash_rate: 92.25,
      accepted_shares: 10,
      rejected_shares: 1,
      pool_switches: 0.5,
      temperature: 70,
      fan_speed: 5000,
      power_consumption: 3200,
    },
    { id: startS + 60, miner_id: id, timestamp: at(1), hash_rate: 91.5, ...empty },
  ]);
  const newest = await server.call('GET', `/api/stats/miners/${id}?limit=1`, { token });
  expect(newest.body).toEqual([answer.body[0]]);
  const recent = await server.call('GET', `/api/stats/miners/${id}?hours=0.01`, { token });
  expect(recent.body).toEqual([]);
});

test.each(['hours=0', 'hours=x', 'limit=0', 'limit=50001', 'limit=1.5'])(
  'readings with %s are refused by name',
  async (query) => {
    const answer = await server.call('GET', `/api/stats/miners/1?${query}`, { token });
    expect(answer.status).toBe(422);
    expect(answer.body.errors[0].path).toBe(query.split('=')[0]);
  },
);

test('what does not exist is a 404 by name', async () => {
  for (const what of ['Miner', 'Site', 'Container', 'Pool']) {
    const path = `/api/stats/${what.toLowerCase()}s/4711`;
    const answer = await server.call('GET', path, { token });
    expect(answer.body).toMatchObject({ status: 404, detail: `${what} not found` });
  }
});

test('only miners that answered and are fresh count as active', async () => {
  await server.deps.sql`delete from miners`;
  const container = await server.call('POST', '/api/containers', {
    token,
    body: { name: 'C', site_id: siteId },
  });
  const pool = await server.call('POST', '/api/pools', { token, body: { name: 'P' } });
  const of = { container_id: container.body.id, container_name: 'C' };
  expect(await totals('overview')).toEqual([{ ...of, ...NOTHING }]);

  const timestamp = new Date().toISOString();
  await sync({
    discovered_miners: ['10.1.0.1', '10.1.0.2', '10.1.0.3', '10.1.0.4'].map((ip_address) => ({
      ip_address,
      container_id: container.body.id,
      pool_id: pool.body.id,
    })),
    miner_stats: [
      {
        ip_address: '10.1.0.1',
        timestamp,
        hash_rate: 100,
        temperature: 60,
        power_consumption: 3000,
      },
      { ip_address: '10.1.0.2', timestamp, hash_rate: 50, temperature: 80 },
      { ip_address: '10.1.0.3', timestamp, reachable: false, reason: 'refused' },
    ],
  });
  await server.deps
    .sql`update miners set container_id = ${container.body.id}, pool_id = ${pool.body.id}`;
  const expected = {
    total_miners: 4,
    active_miners: 2,
    total_hash_rate: 150,
    avg_temperature: 70,
    avg_power_consumption: 3000,
  };
  expect(await totals('overview')).toEqual([{ ...of, ...expected }]);
  expect(await totals(`sites/${siteId}`)).toEqual({
    site_id: siteId,
    site_name: 'North',
    ...expected,
  });
  expect(await totals(`pools/${pool.body.id}`)).toEqual({
    pool_id: pool.body.id,
    pool_name: 'P',
    ...expected,
  });
  const standing = await totals(`containers/${container.body.id}`);
  const first = await idOf('10.1.0.1');
  const atS = Math.floor(Date.parse(timestamp) / 1000);
  expect(standing).toEqual({
    ...of,
    ...expected,
    container_stats: { ...of, ...expected },
    miner_stats: [
      {
        id: atS,
        miner_id: first,
        miner_name: 'Unknown-10.1.0.1',
        timestamp: new Date(atS * 1000).toISOString(),
        hash_rate: 100,
        accepted_shares: null,
        rejected_shares: null,
        temperature: 60,
        fan_speed: null,
        power_consumption: 3000,
      },
      expect.objectContaining({ miner_name: 'Unknown-10.1.0.2', hash_rate: 50 }),
    ],
  });

  await server.deps.sql`update miner_latest set at = at - interval '2 h'`;
  expect((await totals(`containers/${container.body.id}?hours=1`)).miner_stats).toEqual([]);
  expect((await totals(`containers/${container.body.id}?hours=3`)).miner_stats).toHaveLength(2);
  await server.deps.sql`update miner_latest set at = at + interval '2 h'`;
  await server.deps.sql`update agents set last_seen_at = now() - interval '1 h'`;
  expect(await totals('overview')).toEqual([{ ...of, ...NOTHING, total_miners: 4 }]);
});

test('InfluxDB down is 503 with Retry-After, and inventory goes on', async () => {
  await using cut = await startTestServer({
    config: {
      influx: { ...server.deps.config.influx, url: 'http://127.0.0.1:9' },
    },
  });
  const as = { token: cut.adminToken };
  const miner = await cut.call('POST', '/api/miners', { ...as, body: { ip_address: '10.0.0.1' } });
  const answer = await cut.call('GET', `/api/stats/miners/${miner.body.id}`, as);
  expect(answer.status).toBe(503);
  expect(answer.headers.get('retry-after')).toBe('5');
  expect(answer.body.code).toBe('metrics_unavailable');
  expect((await cut.call('GET', '/api/stats/overview', as)).status).toBe(200);
});

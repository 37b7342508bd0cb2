import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestServer, type TestServer } from '../../../tests/support/server.ts';
import { pointsIn } from '../../../tests/support/sync.ts';

/** What the agents in the field really send: made by their Python, with the types and gaps it leaves. */
let server: TestServer;
let token: string;
let siteId: number;
let agent: { id: number; apiKey: string };
beforeAll(async () => {
  server = await startTestServer();
  token = server.adminToken;
  siteId = (await server.call('POST', '/api/sites', { token, body: { name: 'South' } })).body.id;
  agent = await server.registerAgent('south-old', siteId);
});
afterAll(() => server[Symbol.asyncDispose]());

const POLL_S = Math.floor(Date.now() / 1000) - 90;
/** Python's isoformat of a time without a zone; it leaves out a fraction that is zero. */
const python = (seconds: number, fraction = '') =>
  new Date(seconds * 1000).toISOString().slice(0, 19) + fraction;

const send = async (body: unknown) => {
  const answer = await server.call('POST', '/api/agent/sync', {
    headers: {
      'x-api-key': agent.apiKey,
      accept: '*/*',
      'accept-encoding': 'gzip, deflate',
      'user-agent': 'Python/3.11 aiohttp/3.9.5',
    },
    body,
  });
  expect(answer.status).toBe(200);
  // Its client reads a body as JSON only when the header says so.
  expect(answer.headers.get('content-type')).toMatch(/^application\/json/);
  return answer.body;
};
const found = (ip: string, name = `Unknown-${ip}`) => ({
  ip_address: ip,
  port: 4028,
  manufacturer: 'Unknown',
  model: null,
  name,
});
const polled = (ip: string, timestamp: string, measures: object = {}) => ({
  ip_address: ip,
  port: 4028,
  timestamp,
  hash_rate: null,
  accepted_shares: null,
  rejected_shares: null,
  pool_switches: null,
  temperature: null,
  fan_speed: null,
  power_consumption: null,
  summary_data: {},
  stats_data: {},
  ...measures,
});
const minerAt = async (ip: string) => {
  const { body } = await server.call('GET', '/api/miners', { token });
  return body.find((miner: { ip_address: string }) => miner.ip_address === ip);
};

test('a scan: "Unknown" where it found no maker, "None" where it looked for none', async () => {
  const scan = {
    discovered_miners: [
      found('192.168.1.4'),
      { ...found('192.168.1.5', 'None-192.168.1.5'), manufacturer: null },
      {
        ...found('192.168.1.6', 'Whatsminer-192.168.1.6'),
        manufacturer: 'Whatsminer',
        model: 'M50',
      },
    ],
    miner_stats: [],
  };
  expect(await send(scan)).toEqual({
    miners_added: 3,
    miners_updated: 0,
    stats_added: 0,
    errors: [],
  });
  expect(await send(scan)).toEqual({
    miners_added: 0,
    miners_updated: 3,
    stats_added: 0,
    errors: [],
  });
  expect(await minerAt('192.168.1.5')).toMatchObject({
    name: 'None-192.168.1.5',
    manufacturer: null,
    model: null,
    tags: [],
    is_active: true,
    is_auto_discovered: true,
    last_seen: expect.stringMatching(/Z$/),
  });
});

test('a poll: nulls everywhere, counters as text, times with and without a fraction', async () => {
  const answer = await send({
    discovered_miners: [],
    miner_stats: [
      polled('192.168.1.4', python(POLL_S, '.406847'), {
        hash_rate: 13.582450000000001,
        accepted_shares: '14560',
        rejected_shares: '11',
        pool_switches: 0.0755,
        temperature: 74,
        fan_speed: 5460,
        summary_data: { 'GHS 5s': '13582.45', 'Pool Rejected%': 0.0755, Elapsed: 76_268 },
        stats_data: { temp: '71 74', fan: '5460 5400', miner_version: null, nested: [{ a: true }] },
      }),
      polled('192.168.1.5', python(POLL_S)),
      // A reply it could make nothing of goes in whole.
      polled('192.168.1.6', python(POLL_S, '.000001'), {
        accepted_shares: 56_645,
        summary_data: {
          STATUS: 'S',
          Code: 131,
          Msg: { Elapsed: 109_998, 'MHS av': 98_873_046.83 },
        },
      }),
    ],
  });
  expect(answer).toEqual({ miners_added: 0, miners_updated: 0, stats_added: 3, errors: [] });

  const point = { time: POLL_S, up: 1, site: `site-${siteId}` };
  expect(Object.fromEntries(await pointsIn(server))).toEqual({
    [`ip-192-168-1-4-4028 ${POLL_S}`]: {
      ...point,
      model: 'unknown',
      hashrate_ths: expect.closeTo(13.58245, 3),
      accepted: 14_560,
      rejected: 11,
      pool_switches: 0.0755,
      temp_c: 74,
      fan_rpm: 5460,
    },
    [`ip-192-168-1-5-4028 ${POLL_S}`]: { ...point, model: 'unknown' },
    [`ip-192-168-1-6-4028 ${POLL_S}`]: { ...point, model: 'unknown', accepted: 56_645 },
  });
  const { id, last_seen: lastSeen } = await minerAt('192.168.1.4');
  expect(Date.parse(lastSeen)).toBeGreaterThanOrEqual(POLL_S * 1000);
  const history = await server.call('GET', `/api/stats/miners/${id}?hours=1&limit=5`, { token });
  expect(history.body).toMatchObject([
    { miner_id: id, timestamp: `${python(POLL_S)}.000Z`, accepted_shares: 14_560, fan_speed: 5460 },
  ]);
});

test('last_seen of a miner moves with each poll that answered, and never back', async () => {
  const ip = '192.168.1.5';
  const later = python(POLL_S + 3600, '.5');
  // An hour ahead is a clock gone wrong: named, and the rest of the poll is stored.
  const ahead = await send({
    discovered_miners: [],
    miner_stats: [polled(ip, later), polled('192.168.1.4', python(POLL_S + 60))],
  });
  expect(ahead).toMatchObject({ stats_added: 1, errors: [expect.stringContaining('timestamp')] });
  const before = (await minerAt(ip)).last_seen;
  await send({ discovered_miners: [], miner_stats: [polled(ip, python(POLL_S - 600))] });
  expect((await minerAt(ip)).last_seen).toBe(before);
});

test('"Unknown" is no news of a miner whose maker is known', async () => {
  const { id } = await minerAt('192.168.1.4');
  const body = { manufacturer: 'AntMiner', model: 'S9' };
  await server.call('PUT', `/api/miners/${id}`, { token, body });
  await send({ discovered_miners: [found('192.168.1.4')], miner_stats: [] });
  expect(await minerAt('192.168.1.4')).toMatchObject(body);
});

test('a poll of miners never announced adds them: nothing is dropped', async () => {
  const answer = await send({
    discovered_miners: [],
    miner_stats: [polled('192.168.1.99', python(POLL_S))],
  });
  expect(answer).toEqual({ miners_added: 1, miners_updated: 0, stats_added: 1, errors: [] });
});

import { afterAll, beforeAll, expect, test } from 'vitest';
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
    },
  ]);
  expect((await server.call('GET', `/api/agents/${agent.id}/scan`, { token })).body).toEqual(scan);
  const none = await server.call('GET', `/api/agents/${idle.id}/scan`, { token });
  expect(none.status).toBe(404);
  expect((await server.call('GET', '/api/agents/x/scan', { token })).status).toBe(422);
});

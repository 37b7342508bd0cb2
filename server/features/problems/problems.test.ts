import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { startTestServer, type TestServer } from '../../../tests/support/server.ts';
import { sync } from '../../../tests/support/sync.ts';
import { InfluxError } from '../../influx/influx.ts';
import { checkProblems } from './check.ts';

const MINUTE = 60_000;
/** Miners are made at the database's own time. */
let now = Math.floor(Date.now() / 1_000) * 1_000;
let server: TestServer;
let operator: string;
let away = false;
beforeAll(async () => {
  server = await startTestServer({ clock: () => new Date(now) });
  const { influx } = server.deps;
  const query = influx.query.bind(influx);
  influx.query = (...args) =>
    away ? Promise.reject(new InfluxError('unavailable', 'gone')) : query(...args);
  operator = (await server.addUser('olga', 'operator')).token;
});
afterAll(() => server[Symbol.asyncDispose]());

let agent: { id: number; apiKey: string };
beforeEach(async () => {
  now += 3_600_000;
  await server.deps.sql`update agents set is_active = false`;
  // Nobody computes rollups here.
  await server.deps.sql`delete from rollup_marks`;
  agent = await server.registerAgent(`agent ${now}`);
});

const send = (samples: Record<string, unknown>[], more: object = {}) =>
  sync(server, agent.apiKey, {
    miner_stats: samples.map((sample) => ({
      ip_address: '10.0.0.1',
      timestamp: new Date(now).toISOString(),
      ...sample,
    })),
    ...more,
  });

interface Shown {
  id: string;
  cause: string;
  severity: string;
  since: string;
  miner: { id: number } | null;
  agent: { id: number } | null;
  detail: Record<string, unknown>;
  acknowledged: { by: string; note: string | null } | null;
}
const list = async (query = ''): Promise<Shown[]> =>
  (await server.call('GET', `/api/problems?${query}`, { token: operator })).body.problems;
const causes = async () => (await list()).map(({ cause }) => cause);

const boards = (count: number) =>
  Array.from({ length: count }, (_, slot) => ({ slot, hash_rate: 30 }));
const fine = { hash_rate: 100, expected_hash_rate: 100, mining: true, temp_chip: 70 };
test.each<[string, Record<string, unknown>, string[]]>([
  ['all is well', fine, []],
  ['it does not answer', { reachable: false, reason: 'timeout' }, ['miner_offline']],
  ['it stands still', { ...fine, hash_rate: 0 }, ['not_hashing']],
  ['it is slow', { ...fine, hash_rate: 80 }, ['hashrate_low']],
  ['a chip is at the limit', { ...fine, temp_chip: 90 }, ['chip_hot']],
  ['a chip is below it', { ...fine, temp_chip: 89.9 }, []],
  ['one fan stands', { ...fine, fans: [0, 4000] }, ['fan_stopped']],
  ['it has no fans', { ...fine, fans: [0, 0] }, []],
  ['a fan says nothing', { ...fine, fans: [null, 4000] }, []],
  ['a board gives nothing', { ...fine, boards: [{ slot: 0, hash_rate: 0 }] }, ['board_missing']],
  ['1 % is refused', { ...fine, accepted_shares: 990, rejected_shares: 10 }, []],
  ['more is', { ...fine, accepted_shares: 980, rejected_shares: 20 }, ['rejected_high']],
  ['more is, of few', { ...fine, accepted_shares: 9, rejected_shares: 20 }, []],
])('when %s', async (_when, sample, expected) => {
  await send([sample]);
  expect(await checkProblems(server.deps)).toBe('checked');
  expect(await causes()).toEqual(expected);
});

test('a miner with fewer boards than others of its model', async () => {
  await send(
    [3, 3, 3, 3, 3, 2].map((count, i) =>
      Object.assign({ ip_address: `10.0.0.${i + 1}`, boards: boards(count) }, fine, {
        manufacturer: 'AntMiner',
        model: 'S19',
      }),
    ),
  );
  await checkProblems(server.deps);
  expect(await list()).toMatchObject([
    { cause: 'board_missing', detail: { boards: 2, usual: 3, dead: [] } },
  ]);
});

test('a silent agent is one problem, and its miners none', async () => {
  await send([fine, { ip_address: '10.0.0.2', reachable: false, reason: 'timeout' }]);
  const heard = new Date(now).toISOString();
  now += 10 * MINUTE;
  await checkProblems(server.deps);
  expect(await list()).toMatchObject([
    { cause: 'agent_silent', severity: 'critical', since: heard, agent: { id: agent.id } },
  ]);
});

test('a miner that its agent no longer speaks of', async () => {
  await send([fine, { ...fine, ip_address: '10.0.0.2' }]);
  const last = new Date(now).toISOString();
  now += 30 * MINUTE;
  await send([fine]);
  await server.deps.sql`delete from rollup_marks`;
  await checkProblems(server.deps);
  expect(await list()).toMatchObject([{ cause: 'miner_unreported', since: last }]);
});

test('a problem keeps its beginning and its acknowledgement while it flickers, and ends', async () => {
  await send([{ ...fine, hash_rate: 80 }]);
  await checkProblems(server.deps);
  const [first] = await list();
  expect(first).toMatchObject({ cause: 'hashrate_low', acknowledged: null });
  const ask = (path: string, body: object) =>
    server.call('POST', `/api/problems/${path}`, { token: operator, body });
  const ids = [first?.id ?? ''];
  expect((await ask('acknowledge', { ids, note: '<i>ordered</i>' })).body).toEqual({ changed: 1 });
  expect(await list('acknowledged=no')).toEqual([]);

  now += MINUTE;
  await send([fine]);
  await checkProblems(server.deps);
  expect(await list()).toEqual([]);
  expect((await ask('acknowledge', { ids, note: null })).body).toEqual({ changed: 0 });
  now += MINUTE;
  await send([{ ...fine, hash_rate: 70 }]);
  await checkProblems(server.deps);
  expect(await list()).toMatchObject([
    {
      id: first?.id,
      since: first?.since,
      detail: { hash_rate: 70 },
      acknowledged: { by: 'olga', note: '<i>ordered</i>' },
    },
  ]);
  expect((await ask('unacknowledge', { ids })).body).toEqual({ changed: 1 });
  expect((await ask('unacknowledge', { ids })).body).toEqual({ changed: 0 });

  now += MINUTE;
  await send([fine]);
  await checkProblems(server.deps);
  now += 11 * MINUTE;
  await send([fine]);
  await checkProblems(server.deps);
  await send([{ ...fine, hash_rate: 70 }]);
  await checkProblems(server.deps);
  expect((await list())[0]?.id).not.toBe(first?.id);
  const { body } = await server.call('GET', '/api/audit?object_type=problem', {
    token: server.adminToken,
  });
  expect(body.entries).toMatchObject([
    { action: 'problem.unacknowledge', username: 'olga' },
    { action: 'problem.acknowledge', object_name: 'hashrate_low' },
  ]);
});

test('retired miners and agents have no problems', async () => {
  await send([{ reachable: false, reason: 'timeout' }]);
  await checkProblems(server.deps);
  const [problem] = await list();
  const token = server.adminToken;
  await server.call('POST', `/api/fleet/miners/${problem?.miner?.id}/retire`, { token, body: {} });
  now += MINUTE;
  await checkProblems(server.deps);
  expect(await list()).toEqual([]);
});

test('quarantine, unknown devices and a database that is away', async () => {
  await send([{ ip_address: 'nowhere' }], {
    scan: {
      started_at: new Date(now).toISOString(),
      finished_at: new Date(now).toISOString(),
      ranges: ['10.0.0.0/24'],
      addresses: 254,
      identified: 0,
      unknown: 2,
      silent: 252,
      refused: 0,
      excluded: 0,
      unknown_devices: [],
    },
  });
  away = true;
  await checkProblems(server.deps).finally(() => {
    away = false;
  });
  const found = await list();
  expect(found.map(({ cause }) => cause).sort()).toEqual([
    'database_away',
    'quarantine',
    'unknown_devices',
  ]);
  expect(found.find(({ cause }) => cause === 'database_away')).toMatchObject({
    miner: null,
    agent: null,
    detail: { database: 'InfluxDB', reason: 'gone' },
  });
  // Of the server: not for who is limited.
  const { token } = await server.addUser('clio', 'client');
  expect((await server.call('GET', '/api/problems', { token })).body.problems).toEqual([]);
});

test('rollups that stand still', async () => {
  const { sql } = server.deps;
  const mark = (minutes: number) => sql`
    INSERT INTO rollup_marks (scope, hour_s, from_s, to_s, at) VALUES ('site-1', 0, 0, 0, ${new Date(now - minutes * 60_000)})`;
  await mark(14);
  await checkProblems(server.deps);
  expect(await list()).toEqual([]);
  await mark(16);
  await checkProblems(server.deps);
  const since = new Date(now - 16 * 60_000).toISOString();
  expect(await list()).toMatchObject([
    { cause: 'rollups_late', severity: 'warning', since, detail: { waiting: 2, oldest: since } },
  ]);
  away = true;
  now += 11 * 60_000;
  await checkProblems(server.deps).finally(() => {
    away = false;
  });
  expect((await list()).map(({ cause }) => cause)).toEqual(['database_away']);
});

test('counts, filters and pages agree', async () => {
  await send([1, 2, 3].map((last) => ({ ip_address: `10.0.0.${last}`, hash_rate: 0 })));
  await checkProblems(server.deps);
  const { body } = await server.call('GET', '/api/problems?limit=2', { token: operator });
  expect(body).toMatchObject({
    checked_at: new Date(now).toISOString(),
    total: 3,
    by_cause: [{ cause: 'not_hashing', severity: 'critical', open: 3, unacknowledged: 3 }],
  });
  expect(body.problems).toHaveLength(2);
  expect(await list('limit=2&offset=2')).toHaveLength(1);
  expect(await list('cause=chip_hot')).toEqual([]);
  expect(await list(`agent_id=${agent.id}`)).toHaveLength(3);
});

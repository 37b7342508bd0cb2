import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestServer, type TestServer } from '../../../tests/support/server.ts';
import { sync } from '../../../tests/support/sync.ts';
import { checkProblems } from '../problems/check.ts';

let server: TestServer;
let north: { id: number; site: number; container: number };
let south: { id: number; site: number; container: number };
const HOSTILE = "=cmd|'/c calc'!A1;\"<script>alert(1)</script>";

beforeAll(async () => {
  server = await startTestServer();
  north = await addSite('North');
  south = await addSite('South');
});
afterAll(() => server[Symbol.asyncDispose]());

/** Two pools of a miner, of which it works for the second. */
const pools = (user: string) => [
  { url: 'stratum+tcp://spare:3333', user: 'spare', active: false },
  { url: 'stratum+tcp://pool:3333', user, active: true },
];

async function addSite(name: string) {
  const token = server.adminToken;
  const add = async (path: string, body: object): Promise<number> =>
    (await server.call('POST', path, { token, body })).body.id;
  const site = await add('/api/sites', { name });
  const container = await add('/api/containers', { name: `${name} hall`, site_id: site });
  const { id, apiKey } = await server.registerAgent(`agent ${name}`, site);
  const timestamp = new Date().toISOString();
  const answer = await sync(server, apiKey, {
    discovered_miners: [
      {
        ip_address: '10.0.0.1',
        mac: '02:00:5E:00:00:01',
        manufacturer: 'AntMiner',
        model: 'S19',
        name: `${name} one`,
        firmware: 'VNish',
        firmware_version: '1.2.6',
        container_id: container,
        tags: ['row 1'],
        algorithm: 'sha256',
      },
      {
        ip_address: '10.0.0.2',
        serial: 'SN-100%_x',
        manufacturer: 'AntMiner',
        model: 'L7',
        name: `${name} two`,
        algorithm: 'scrypt',
      },
      { ip_address: '10.0.0.3', name: HOSTILE },
      { ip_address: '10.0.0.10', name: `${name} four` },
    ],
    miner_stats: [
      {
        ip_address: '10.0.0.1',
        mac: '02:00:5E:00:00:01',
        timestamp,
        hash_rate: 100,
        expected_hash_rate: 100,
        power_consumption: 3000,
        temp_chip: 92,
        accepted_shares: 2000,
        rejected_shares: 40,
        mining: true,
        fans: [0, 5000],
        pools: pools(`${name}.w1`),
        boards: [
          { slot: 0, hash_rate: 50, chips: 10 },
          { slot: 1, hash_rate: 0, chips: 0 },
        ],
      },
      {
        ip_address: '10.0.0.2',
        serial: 'SN-100%_x',
        timestamp,
        hash_rate: 50,
        expected_hash_rate: 100,
        power_consumption: 1000,
      },
      { ip_address: '10.0.0.3', timestamp, reachable: false, reason: 'timeout' },
      { ip_address: '10.0.0.10', timestamp, hash_rate: 0 },
    ],
  });
  if (answer.status !== 200) throw new Error(`sync: ${answer.body.detail}`);
  return { id, site, container };
}

const get = async (path: string, token = server.adminToken) =>
  (await server.call('GET', path, { token })).body;
const names = async (query: string, token?: string): Promise<string[]> =>
  (await get(`/api/fleet/miners?${query}`, token)).miners.map((row: { name: string }) => row.name);

test('a row says what is known of a miner', async () => {
  const { total, miners } = await get('/api/fleet/miners?q=North%20one');
  expect(total).toBe(1);
  expect(miners[0]).toMatchObject({
    name: 'North one',
    ip_address: '10.0.0.1',
    mac: '02005e000001',
    model: 'S19',
    site_name: 'North',
    container_name: 'North hall',
    agent_name: 'agent North',
    worker: 'North.w1',
    tags: ['row 1'],
    state: 'hashing',
    reason: null,
    hash_rate: 100,
    percent_of_expected: 100,
    efficiency_j_th: 30,
    rejected_percent: (100 * 40) / 2040,
    retired_at: null,
  });
});

test.each([
  [
    'everything, by name',
    '',
    [
      HOSTILE,
      HOSTILE,
      'North four',
      'North one',
      'North two',
      'South four',
      'South one',
      'South two',
    ],
  ],
  ['pages', 'offset=3&limit=2', ['North one', 'North two']],
  ['downwards', 'order=desc&site_id=1', ['North two', 'North one', 'North four', HOSTILE]],
  [
    'addresses as numbers',
    'sort=ip_address&site_id=1',
    ['North one', 'North two', HOSTILE, 'North four'],
  ],
  ['the worst first', 'sort=state&site_id=1', [HOSTILE, 'North two', 'North four', 'North one']],
  [
    'what is not known last, upwards',
    'sort=hash_rate&site_id=1',
    ['North four', 'North two', 'North one', HOSTILE],
  ],
  [
    'and downwards',
    'sort=hash_rate&order=desc&site_id=1',
    ['North one', 'North two', 'North four', HOSTILE],
  ],
  ['states', 'site_id=1&state=degraded&state=idle', ['North four', 'North two']],
  ['a model', 'model=L7&site_id=2', ['South two']],
  ['a firmware', 'firmware=VNish%201.2.6&site_id=2', ['South one']],
  ['a tag', 'tag=row%201&site_id=2', ['South one']],
  ['no container', 'container_id=0&site_id=2', [HOSTILE, 'South four', 'South two']],
  ['an address', 'q=10.0.0.10', ['North four', 'South four']],
  ['a MAC in another notation', 'q=02-00-5e-00&site_id=1', ['North one']],
  ['a serial with signs of patterns', 'q=100%25_X&site_id=1', ['North two']],
  ['those signs alone match nothing else', 'q=%25%25', []],
  ['a worker', 'q=south.W1', ['South one']],
  ['retired ones', 'retired=only', []],
])('the list: %s', async (_what, query, expected) => {
  expect(await names(query)).toEqual(expected);
});

test.each(['sort=search', 'order=up', 'limit=501', 'state=fine', 'offset=-1'])(
  '%s is refused',
  async (query) => {
    const answer = await server.call('GET', `/api/fleet/miners?${query}`, {
      token: server.adminToken,
    });
    expect(answer.status).toBe(422);
  },
);

test('facets count what the filters leave', async () => {
  const { states, models, sites, tags, containers } = await get(
    '/api/fleet/miners/facets?site_id=1',
  );
  expect(states).toEqual(
    expect.arrayContaining([
      { value: 'hashing', name: 'hashing', count: 1 },
      { value: 'offline', name: 'offline', count: 1 },
    ]),
  );
  expect(models).toContainEqual({ value: 'S19', name: 'AntMiner S19', count: 1 });
  expect(sites).toEqual([{ value: 1, name: 'North', count: 4 }]);
  expect(tags).toEqual([{ value: 'row 1', name: 'row 1', count: 1 }]);
  expect(containers).toContainEqual({ value: 0, name: null, count: 3 });
});

/** The list of the site North as a file. */
const csv = async (format: string) => {
  const answer = await fetch(`${server.url}/api/fleet/miners/export?site_id=1&format=${format}`, {
    headers: { authorization: `Bearer ${server.adminToken}` },
  });
  expect(answer.headers.get('content-disposition')).toContain('attachment');
  return Buffer.from(await answer.arrayBuffer()).toString('utf8');
};

test('a file for spreadsheets has every row, and no formula of a miner', async () => {
  const comma = (await csv('csv')).split('\r\n');
  expect(comma[0]).toMatch(/^\uFEFFid,name,ip_address,/);
  expect(comma).toHaveLength(6);
  const hostile = comma.find((line) => line.includes('cmd'));
  expect(hostile).toContain(`,"'=cmd|'/c calc'!A1;""<script>alert(1)</script>",10.0.0.3`);
  expect(comma.find((line) => line.includes('North two'))).toContain(',50,100,50,1000,20,');
  const semicolon = (await csv('csv_semicolon')).split('\r\n');
  expect(semicolon[0]).toMatch(/^\uFEFFid;name;/);
  expect(semicolon.find((line) => line.includes('North one'))).toContain(';"1,9607843137254901";');
  const json = await get('/api/fleet/miners/export?format=json&sort=ip_address');
  expect(json).toHaveLength(8);
  expect(json.at(-1)).toMatchObject({ ip_address: '10.0.0.10' });
  expect(await get('/api/fleet/miners/export?format=json&q=nobody')).toEqual([]);
});

test('the overview adds up what answers', async () => {
  await checkProblems(server.deps);
  const all = await get('/api/fleet');
  expect(all.totals).toEqual({
    miners: 8,
    states: { hashing: 2, degraded: 2, idle: 2, offline: 2, unknown: 0 },
    hash_rate: 300,
    expected_hash_rate: 400,
    power_consumption: 8000,
    efficiency_j_th: 8000 / 300,
  });
  expect(all.algorithms).toContainEqual({
    algorithm: 'scrypt',
    totals: expect.objectContaining({ miners: 2, hash_rate: 100 }),
  });
  expect(all.sites).toMatchObject([
    { name: 'North', agents: 1, silent_agents: 0, totals: { miners: 4, hash_rate: 150 } },
    { name: 'South', totals: { miners: 4 } },
  ]);
  expect(all.agents).toEqual({ total: 2, silent: 0 });
  expect(all.problems.by_cause.map((one: { cause: string }) => one.cause)).toEqual([
    'miner_offline',
    'not_hashing',
    'chip_hot',
    'fan_stopped',
    'board_missing',
    'hashrate_low',
    'rejected_high',
  ]);
  expect(all.problems.newest).toHaveLength(10);
});

test('sites list their containers', async () => {
  const sites = await get('/api/fleet/sites');
  expect(sites).toMatchObject([
    {
      name: 'North',
      time_zone: null,
      totals: { miners: 4 },
      containers: [{ name: 'North hall', totals: { miners: 1, hash_rate: 100 } }],
    },
    { name: 'South' },
  ]);
});

test.each(['site', 'container'] as const)(
  'who is limited to a %s sees nothing of the other, anywhere',
  async (what) => {
    await checkProblems(server.deps);
    const { id, token } = await server.addUser(`limited to a ${what}`, 'viewer');
    const { sql } = server.deps;
    await sql`update users set is_limited = true where id = ${id}`;
    const grants = { site: 'site_grants', container: 'container_grants' } as const;
    await sql`insert into ${sql(grants[what])} values (${id}, ${north[what]})`;
    const whole = what === 'site';
    expect(await names('', token)).toHaveLength(whole ? 4 : 1);
    expect(await names(`site_id=${south.site}`, token)).toEqual([]);
    const everything = [
      '/api/fleet',
      '/api/fleet/sites',
      '/api/fleet/miners',
      '/api/fleet/miners/facets',
      '/api/fleet/miners/export',
      '/api/problems',
      '/api/sites',
      '/api/containers',
      '/api/miners',
      '/api/miners/latest',
      '/api/miners/tags',
      '/api/stats/overview',
      '/api/agents',
    ];
    for (const path of everything) {
      const text = JSON.stringify(await get(path, token));
      expect([path, /South|south/.test(text)]).toEqual([path, false]);
      expect([path, text.includes('North')]).toEqual([
        path,
        !(path.endsWith('/tags') || (path === '/api/agents' && !whole)),
      ]);
    }
    for (const path of [
      `/api/agents/${south.id}`,
      `/api/agents/${south.id}/scan`,
      `/api/sites/${south.site}`,
    ]) {
      expect([path, (await server.call('GET', path, { token })).status]).toEqual([path, 404]);
    }
    expect((await server.call('GET', `/api/agents/${north.id}`, { token })).status).toBe(
      whole ? 200 : 404,
    );
    expect((await get('/api/fleet', token)).totals.miners).toBe(whole ? 4 : 1);
    const { miners } = await get('/api/fleet/miners', token);
    const { agents } = await get('/api/fleet/miners/facets', token);
    // An agent reads more than one container: who is limited to one is not led to it.
    const agentIds = [
      ...miners,
      ...agents.map(({ value }: { value: number }) => ({ agent_id: value || null })),
    ]
      .map(({ agent_id: agentId }: { agent_id: number | null }) => agentId)
      .filter((agentId) => agentId !== null);
    expect(new Set(agentIds)).toEqual(new Set(whole ? [north.id] : []));
    const agentNames = [
      ...miners.map(({ agent_name: name }: { agent_name: string | null }) => name),
      ...agents.map(({ name }: { name: string | null }) => name),
    ].filter((name: string | null) => name !== null);
    expect(new Set(agentNames)).toEqual(new Set(whole ? ['agent North'] : []));
  },
);

import postgres, { type Sql } from 'postgres';
import { Pool } from 'undici';
import { addAgentKey } from '../server/features/enrolment/agent-keys.ts';
import { createApiToken } from '../server/features/people/api-tokens.ts';
import { insertUser } from '../server/features/people/store.ts';
import { startDatabases } from './databases.ts';
import { batchOf } from './ingest/fleet.ts';
import { startServerProcess } from './server-process.ts';

/** A page may take this many round trips to Postgres … */
const ROUND_TRIPS = 3;
/** … and this much, ms. */
const EXTRA_MS = 50;
const MINERS_PER_AGENT = 1_000;

export interface ApiBenchOptions {
  miners?: number;
  rounds?: number;
}

/** What the list of miners is asked for, and what else the pages of the admin UI ask. The first part has the target. */
const LISTS = {
  'first page': '/api/fleet/miners?limit=100',
  'last page': '/api/fleet/miners?limit=100&offset=OFFSET',
  'by hashrate, downwards': '/api/fleet/miners?sort=hash_rate&order=desc',
  'by percent of expected': '/api/fleet/miners?sort=percent_of_expected',
  'by address': '/api/fleet/miners?sort=ip_address',
  'by state': '/api/fleet/miners?sort=state',
  'by container': '/api/fleet/miners?sort=container_name',
  'one state': '/api/fleet/miners?state=offline',
  'one site, by temperature': '/api/fleet/miners?site_id=2&sort=temp_chip&order=desc',
  'one tag and model': '/api/fleet/miners?tag=row%203&model=S19j%20Pro',
  'search: address': '/api/fleet/miners?q=10.3.2.',
  'search: MAC': '/api/fleet/miners?q=02:00:5e:00:0',
  'search: serial': '/api/fleet/miners?q=SN00042',
  'search: worker': '/api/fleet/miners?q=farm.a3m77',
  'search: nothing found': '/api/fleet/miners?q=nobody',
};
const OTHERS = {
  'SELECT 1 through the API (/readyz)': '/readyz',
  overview: '/api/fleet',
  sites: '/api/fleet/sites',
  facets: '/api/fleet/miners/facets',
  'one miner': '/api/fleet/miners/MIDDLE',
  problems: '/api/problems',
  agents: '/api/agents',
  'one agent': '/api/fleet/agents/1',
  system: '/api/system',
  'export, CSV': '/api/fleet/miners/export',
  'export, JSON': '/api/fleet/miners/export?format=json',
};

const say = (text: string): void => void process.stdout.write(`${text}\n`);

/**
 * What the admin page asks, from a server of its own with 10,000 miners that really came in through it. False: the
 * median of a list took longer than three times `SELECT 1` and 50 ms.
 */
export async function run(options: ApiBenchOptions = {}): Promise<{ ok: boolean }> {
  const { miners = 10_000, rounds = 30 } = options;
  await using stack = new AsyncDisposableStack();
  const { database, influxd } = await startDatabases(stack);
  const server = await startServerProcess(database.url, influxd);
  stack.defer(() => server.stop());
  const sql = postgres(database.url, { max: 1 });
  stack.defer(() => sql.end());
  const http = new Pool(server.url, { connections: 1 });
  stack.defer(() => http.close());

  await bringIn(sql, http, miners);
  const token = await tokenOf(sql);
  const get = async (path: string) => {
    const answer = await http.request({
      method: 'GET',
      path: path
        .replace('OFFSET', String(miners - 100))
        .replace('MIDDLE', String(Math.ceil(miners / 2))),
      headers: { authorization: `Bearer ${token}` },
    });
    const body = await answer.body.text();
    if (answer.statusCode !== 200) throw new Error(`${path}: ${answer.statusCode} ${body}`);
    return body;
  };
  const { total } = JSON.parse(await get(LISTS['first page'])) as { total: number };
  if (total !== miners) throw new Error(`the list has ${total} miners instead of ${miners}`);

  const select1 = await measure(rounds * 3, () => sql`select 1`);
  const limit = ROUND_TRIPS * select1.median + EXTRA_MS;
  say(`${miners} miners, ${rounds} requests each, one after another; ms, median (95 %)`);
  say(row('SELECT 1', select1));
  let ok = true;
  for (const [name, path] of Object.entries(LISTS)) {
    const times = await measure(rounds, () => get(path));
    const missed = times.median > limit;
    if (missed) ok = false;
    say(`${row(name, times)}${missed ? '  MISSED' : ''}`);
  }
  say(`target for the above: ${limit.toFixed(1)} ms (${ROUND_TRIPS} × SELECT 1 + ${EXTRA_MS} ms)`);
  for (const [name, path] of Object.entries(OTHERS))
    say(row(name, await measure(rounds, () => get(path))));
  return { ok };
}

interface Times {
  median: number;
  most: number;
}

async function measure(rounds: number, work: () => PromiseLike<unknown>): Promise<Times> {
  const times: number[] = [];
  for (let i = 0; i < rounds + 3; i++) {
    const start = performance.now();
    await work();
    // The first ones warm up.
    if (i >= 3) times.push(performance.now() - start);
  }
  times.sort((a, b) => a - b);
  const at = (share: number) => times[Math.floor(share * (times.length - 1))] ?? Number.NaN;
  return { median: at(0.5), most: at(0.95) };
}

function row(name: string, { median, most }: Times): string {
  return `${name.padEnd(36)} ${median.toFixed(1).padStart(8)}  (${most.toFixed(1)})`;
}

/** Agents with a thousand miners each, which send as agents do; then places, tags and names as people give them. */
async function bringIn(sql: Sql, http: Pool, miners: number): Promise<void> {
  const slotS = Math.floor(Date.now() / 300_000) * 300;
  for (let agent = 0; agent * MINERS_PER_AGENT < miners; agent++) {
    const [site] = await sql<{ id: number }[]>`
      insert into sites (name) values (${`Site ${agent}`}) returning id`;
    await sql`
      insert into containers (name, site_id)
      select 'Container ' || n, ${site?.id ?? null}::int from generate_series(1, 4) as n`;
    const [made] = await sql<{ id: number }[]>`
      insert into agents (name, site_id) values (${`bench ${agent}`}, ${site?.id ?? null}) returning id`;
    const { token } = await sql.begin((tx) => addAgentKey(tx, made?.id ?? 0, null));
    const count = Math.min(MINERS_PER_AGENT, miners - agent * MINERS_PER_AGENT);
    const answer = await http.request({
      method: 'POST',
      path: '/api/agent/sync',
      headers: { 'x-api-key': token, 'content-type': 'application/json' },
      body: JSON.stringify(batchOf(agent, slotS, count, 1)),
    });
    const text = await answer.body.text();
    if (answer.statusCode !== 200) throw new Error(`sync: ${answer.statusCode} ${text}`);
  }
  await sql`
    update miners set tags = array['row ' || id % 40, 'rack ' || id % 9], firmware = 'VNish',
      firmware_version = '1.2.' || id % 5, mac = coalesce(mac, lpad(to_hex(2199023255552 + id), 12, '0')),
      serial = coalesce(serial, 'SN' || lpad(id::text, 8, '0')), hostname = 'antminer-' || id,
      manufacturer = 'AntMiner', model = (array['S19j Pro', 'S19', 'S21', 'T21'])[1 + id % 4],
      container_id = (select min(id) + miners.id % 4 from containers where site_id = miners.site_id)`;
  await sql`
    update miner_latest set reachable = false, reason = 'timeout', hashrate_ths = null where miner_id % 31 = 0`;
  await sql`update miner_latest set hashrate_ths = 0.7 * expected_ths where miner_id % 23 = 0 and reachable`;
  await sql`vacuum analyze`;
}

async function tokenOf(sql: Sql): Promise<string> {
  const user = { username: 'bench', role: 'admin', passwordHash: 'none' } as const;
  const userId = (await insertUser(sql, user)) ?? 0;
  return (await createApiToken(sql, { userId, name: 'bench', expiresAt: null })).token;
}

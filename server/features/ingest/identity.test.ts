import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { startTestServer, type TestServer } from '../../../tests/support/server.ts';
import { pointsIn, sync } from '../../../tests/support/sync.ts';

const NOW_S = Math.floor(Date.now() / 1000) - 600;
const queue = randomUUID();
let seq = 0;

/** A poll of ours, `minute` minutes after the first. */
function poll(minute: number, ...miners: { ip: string; mac?: string; serial?: string }[]) {
  return {
    batch: { queue, seq: seq++ },
    miner_stats: miners.map(({ ip, mac, serial }) => ({
      ip_address: ip,
      timestamp: new Date((NOW_S + minute * 60) * 1000).toISOString(),
      hash_rate: 100,
      mac,
      serial,
    })),
  };
}

/** As an old agent sends them: neither batch nor identity. */
function oldPoll(minute: number, ...ips: string[]) {
  const { batch: _batch, ...body } = poll(minute, ...ips.map((ip) => ({ ip })));
  return body;
}

async function miners(server: TestServer) {
  return server.deps.sql<
    { id: number; name: string; scope: string; ip: string; mac: string | null; keys: string[] }[]
  >`
    SELECT m.id, m.name, m.scope, host(m.ip_address) AS ip, m.mac,
      (SELECT array_agg(key ORDER BY key) FROM miner_keys k WHERE k.miner_id = m.id) AS keys
    FROM miners m ORDER BY m.id`;
}

const A = '02:00:00:00:00:0a';
const B = '02:00:00:00:00:0b';

test('a known MAC at a new address is the same miner, moved; another MAC at its old address is another', async () => {
  await using server = await startTestServer();
  const { apiKey } = await server.registerAgent('a');
  await sync(server, apiKey, poll(0, { ip: '10.0.0.5', mac: A }));
  await sync(server, apiKey, poll(1, { ip: '10.0.0.6', mac: A }, { ip: '10.0.0.5', mac: B }));
  expect(await miners(server)).toMatchObject([
    {
      id: 1,
      name: 'Unknown-10.0.0.6',
      ip: '10.0.0.6',
      mac: '02000000000a',
      keys: ['02000000000a'],
    },
    {
      id: 2,
      name: 'Unknown-10.0.0.5',
      ip: '10.0.0.5',
      mac: '02000000000b',
      keys: ['02000000000b'],
    },
  ]);
  expect([...(await pointsIn(server)).keys()].map((key) => key.split(' ')[0])).toEqual([
    '02000000000a',
    '02000000000a',
    '02000000000b',
  ]);
});

test('two miners that swap their addresses stay themselves', async () => {
  await using server = await startTestServer();
  const { apiKey } = await server.registerAgent('a');
  await sync(server, apiKey, poll(0, { ip: '10.0.0.5', mac: A }, { ip: '10.0.0.6', mac: B }));
  await sync(server, apiKey, poll(1, { ip: '10.0.0.6', mac: A }, { ip: '10.0.0.5', mac: B }));
  expect(await miners(server)).toMatchObject([
    { id: 1, ip: '10.0.0.6', mac: '02000000000a' },
    { id: 2, ip: '10.0.0.5', mac: '02000000000b' },
  ]);
});

test('a late batch from before the move does not move the miner back', async () => {
  await using server = await startTestServer();
  const { apiKey } = await server.registerAgent('a');
  await sync(server, apiKey, poll(2, { ip: '10.0.0.6', mac: A }));
  await sync(server, apiKey, poll(1, { ip: '10.0.0.5', mac: A }));
  expect(await miners(server)).toMatchObject([{ id: 1, ip: '10.0.0.6' }]);
  // Also when only polls, which change nothing, came since.
  await sync(server, apiKey, poll(9, { ip: '10.0.0.6', mac: A }));
  await sync(server, apiKey, poll(8, { ip: '10.0.0.5', mac: A }));
  expect(await miners(server)).toMatchObject([{ id: 1, ip: '10.0.0.6' }]);
});

test('a miner known by its address keeps its row and its history when its MAC becomes known', async () => {
  await using server = await startTestServer();
  const { apiKey } = await server.registerAgent('a');
  await sync(server, apiKey, oldPoll(0, '10.0.0.5'));
  await sync(server, apiKey, poll(1, { ip: '10.0.0.5', mac: A, serial: 'SN12345' }));
  expect(await miners(server)).toMatchObject([
    { id: 1, mac: '02000000000a', keys: ['02000000000a', 'ip-10-0-0-5-4028'] },
  ]);
  // It moves on; who then answers at the address is another miner.
  await sync(server, apiKey, poll(2, { ip: '10.0.0.9', mac: A }, { ip: '10.0.0.5', mac: B }));
  expect(await miners(server)).toMatchObject([
    { id: 1, ip: '10.0.0.9', keys: ['02000000000a', 'ip-10-0-0-5-4028'] },
    { id: 2, ip: '10.0.0.5', keys: ['02000000000b'] },
  ]);
});

test('a serial names a miner until its MAC does, and junk serials name none', async () => {
  await using server = await startTestServer();
  const { apiKey } = await server.registerAgent('a');
  await sync(
    server,
    apiKey,
    poll(
      0,
      { ip: '10.0.0.5', serial: 'HTM-0042' },
      { ip: '10.0.0.6', serial: '0000' },
      { ip: '10.0.0.7', serial: '0000' },
    ),
  );
  await sync(server, apiKey, poll(1, { ip: '10.0.0.8', serial: 'HTM-0042' }));
  await sync(server, apiKey, poll(2, { ip: '10.0.0.9', serial: 'HTM-0042', mac: A }));
  expect(await miners(server)).toMatchObject([
    { id: 1, ip: '10.0.0.9', mac: '02000000000a', keys: ['02000000000a', 'sn-htm-0042'] },
    { ip: '10.0.0.6', keys: ['ip-10-0-0-6-4028'] },
    { ip: '10.0.0.7', keys: ['ip-10-0-0-7-4028'] },
  ]);
});

test("an old agent's samples belong to the miner now known at the address", async () => {
  await using server = await startTestServer();
  const { apiKey } = await server.registerAgent('a');
  await sync(server, apiKey, poll(0, { ip: '10.0.0.5', mac: A }));
  const reply = await sync(server, apiKey, oldPoll(1, '10.0.0.5', '10.0.0.6'));
  expect(reply.body).toMatchObject({ miners_added: 1, stats_added: 2, errors: [] });
  expect(await miners(server)).toMatchObject([
    { id: 1, ip: '10.0.0.5', keys: ['02000000000a', 'ip-10-0-0-5-4028'] },
    { id: 2, ip: '10.0.0.6', keys: ['ip-10-0-0-6-4028'] },
  ]);
  // The first moves, another takes its address: the address means that one from now on.
  await sync(server, apiKey, poll(2, { ip: '10.0.0.7', mac: A }, { ip: '10.0.0.5', mac: B }));
  await sync(server, apiKey, oldPoll(3, '10.0.0.5'));
  expect(await miners(server)).toMatchObject([
    { id: 1, ip: '10.0.0.7', keys: ['02000000000a'] },
    { id: 2 },
    { id: 3, ip: '10.0.0.5', keys: ['02000000000b', 'ip-10-0-0-5-4028'] },
  ]);
  const [latest] = await server.deps.sql`SELECT at FROM miner_latest WHERE miner_id = 3`;
  expect(latest?.['at']).toEqual(new Date((NOW_S + 180) * 1000));
});

test('one body may name the same miner by its MAC and by its address', async () => {
  await using server = await startTestServer();
  const { apiKey } = await server.registerAgent('a');
  const body = {
    ...poll(0, { ip: '10.0.0.5' }),
    discovered_miners: [{ ip_address: '10.0.0.5', mac: A, model: 'S19' }],
  };
  expect((await sync(server, apiKey, body)).body).toMatchObject({
    miners_added: 1,
    stats_added: 1,
  });
  expect(await miners(server)).toMatchObject([{ keys: ['02000000000a', 'ip-10-0-0-5-4028'] }]);
});

test('two sites with the same private range never touch, nor do agents without a site', async () => {
  await using server = await startTestServer();
  const sites = await server.deps.sql<{ id: number }[]>`
    INSERT INTO sites (name) VALUES ('North'), ('South') RETURNING id`;
  const agents = [
    await server.registerAgent('north', sites[0]?.id),
    await server.registerAgent('south', sites[1]?.id),
    await server.registerAgent('loose 1'),
    await server.registerAgent('loose 2'),
  ];
  for (const { apiKey } of agents) {
    await sync(server, apiKey, oldPoll(0, '192.168.1.5'));
    await sync(server, apiKey, poll(1, { ip: '192.168.1.6', mac: A }));
  }
  const rows = await miners(server);
  expect(rows).toHaveLength(8);
  expect(new Set(rows.map(({ scope }) => scope))).toEqual(
    new Set(['site-1', 'site-2', 'agent-3', 'agent-4']),
  );
  const { influx, config } = server.deps;
  const series = await influx.query(
    config.influx.database,
    'SELECT count(up) FROM miner GROUP BY site',
  );
  expect(series.map(({ tags, values }) => [tags['site'], values[0]?.[1]])).toEqual([
    ['agent-3', 2],
    ['agent-4', 2],
    ['site-1', 2],
    ['site-2', 2],
  ]);
});

test('two agents of one site see the same miner, and races make no second one', async () => {
  await using server = await startTestServer();
  await server.deps.sql`INSERT INTO sites (name) VALUES ('North')`;
  const one = await server.registerAgent('one', 1);
  const two = await server.registerAgent('two', 1);
  const fleet = Array.from({ length: 30 }, (_, i) => ({
    ip: `10.0.0.${i + 1}`,
    mac: `02000000${String(i).padStart(4, '0')}`,
  }));
  const replies = await Promise.all(
    [one, two, one, two, one, two].map(({ apiKey }, i) =>
      sync(server, apiKey, poll(i, ...(i % 2 ? fleet : fleet.toReversed()))),
    ),
  );
  expect(replies.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200, 200]);
  expect(await miners(server)).toHaveLength(30);
  const [added] = replies.map(({ body }) => body.miners_added).toSorted((a, b) => b - a);
  expect(added).toBe(30);
});

test('what a person set stays: a scan that reports nothing erases nothing, and given names are kept', async () => {
  await using server = await startTestServer();
  const { sql } = server.deps;
  await sql`INSERT INTO sites (name) VALUES ('North'), ('South')`;
  await sql`INSERT INTO containers (name, site_id) VALUES ('C1', 1), ('Theirs', 2)`;
  await sql`INSERT INTO pools (name) VALUES ('P1')`;
  const { apiKey } = await server.registerAgent('a', 1);
  const scan = (more: object) =>
    sync(server, apiKey, {
      discovered_miners: [{ ip_address: '10.0.0.5', name: 'Unknown-10.0.0.5', ...more }],
    });
  await scan({});
  await scan({ manufacturer: 'AntMiner', model: 'S19', name: 'AntMiner-10.0.0.5' });
  const row = async () =>
    (await sql`SELECT name, manufacturer, model, container_id, pool_id, tags FROM miners`)[0];
  expect(await row()).toMatchObject({ name: 'AntMiner-10.0.0.5', manufacturer: 'AntMiner' });

  await sql`UPDATE miners SET name = 'Row 3 left', container_id = 1, pool_id = 1, tags = '{hot}'`;
  await scan({ manufacturer: null, model: null, container_id: null, pool_id: null, tags: null });
  const kept = {
    name: 'Row 3 left',
    manufacturer: 'AntMiner',
    model: 'S19',
    container_id: 1,
    pool_id: 1,
    tags: ['hot'],
  };
  expect(await row()).toEqual(kept);
  // A container of another site is not an agent's to give.
  const reply = await scan({ container_id: 2 });
  expect(reply.body.errors).toEqual([expect.stringContaining('container_id')]);
  expect(await row()).toEqual(kept);
});

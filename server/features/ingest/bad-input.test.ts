import { randomUUID } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startTestServer, type TestServer } from '../../../tests/support/server.ts';
import { pointsIn, sync, syncGzip } from '../../../tests/support/sync.ts';

const NOW = new Date(Math.floor(Date.now() / 1000) * 1000).toISOString();
let server: TestServer;
let apiKey: string;

beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server[Symbol.asyncDispose]());
/** Each test is an agent of its own, so a scope of its own. */
beforeEach(async () => {
  ({ apiKey } = await server.registerAgent(randomUUID()));
});

function sample(more: object = {}) {
  return { ip_address: '10.0.0.1', port: 4028, timestamp: NOW, hash_rate: 90, ...more };
}

async function held() {
  return server.deps.sql<{ idx: number; code: string; detail: string; sample: object }[]>`
    SELECT q.idx, q.code, q.detail, q.sample FROM ingest_quarantine q
    WHERE agent_id = (SELECT max(id) FROM agents) ORDER BY q.id`;
}

async function pointsOfAgent() {
  const [agent] = await server.deps.sql<{ id: number }[]>`SELECT max(id) AS id FROM agents`;
  return [...(await pointsIn(server, 'miner', `agent-${agent?.id}`))];
}

/** Lists in each other; four levels are around them. */
const nested = (lists: number) =>
  `{"miner_stats":[{"ip_address":"10.0.0.1","timestamp":"${NOW}","stats_data":{"x":` +
  `${'['.repeat(lists)}"${'[{'.repeat(200)}\\"[\\\\"${']'.repeat(lists)}}}]}`;

describe('a body that is no batch', () => {
  test.each([
    ['broken JSON', '{"miner_stats": [', 422, 'invalid_json'],
    ['no JSON at all', 'hello', 422, 'invalid_json'],
    ['nothing', '', 422, 'invalid_json'],
    ['bytes that are no UTF-8', Buffer.from('{"a":"\xff"}', 'latin1'), 422, 'invalid_json'],
    ['a list', '[]', 422, 'invalid_body'],
    ['null', 'null', 422, 'invalid_body'],
    ['__proto__', '{"__proto__": {"x": 1}}', 422, 'invalid_json'],
    [
      '__proto__ in disguise',
      String.raw`{"miner_stats":[],"\u005f_proto__": {"x": 1}}`,
      422,
      'invalid_json',
    ],
    [
      'a million lists in each other',
      `{"x":${'['.repeat(1_000_000)}${']'.repeat(1_000_000)}}`,
      422,
      'invalid_json',
    ],
    [
      '__proto__ deep inside',
      '{"miner_stats":[{"stats_data":{"__proto__":{"x":1}}}]}',
      422,
      'invalid_json',
    ],
  ])('%s', async (_name, body, status, code) => {
    const reply = await sync(server, apiKey, body);
    expect(reply.status).toBe(status);
    expect(reply.body.code).toBe(code);
  });

  test('a content type that is not JSON', async () => {
    const reply = await sync(server, apiKey, 'x', { 'content-type': 'text/plain' });
    expect(reply.status).toBe(415);
  });
});

describe('wrong types are refused with the name of the field', () => {
  test.each([
    [{ miner_stats: [sample(), sample({ hash_rate: 'fast' })] }, 'miner_stats.1.hash_rate'],
    [{ miner_stats: [sample({ hash_rate: [] })] }, 'miner_stats.0.hash_rate'],
    [{ miner_stats: [sample({ accepted_shares: 1.5 })] }, 'miner_stats.0.accepted_shares'],
    [{ miner_stats: [sample({ timestamp: 5 })] }, 'miner_stats.0.timestamp'],
    [{ miner_stats: [{ ip_address: '10.0.0.1' }] }, 'miner_stats.0.timestamp'],
    [{ miner_stats: {} }, 'miner_stats'],
    [{ discovered_miners: [{ port: 4028 }] }, 'discovered_miners.0.ip_address'],
    [{ discovered_miners: [{ ip_address: '10.0.0.1', tags: 'a,b' }] }, 'discovered_miners.0.tags'],
    [{ discovered_miners: [{ ip_address: '10.0.0.1', port: true }] }, 'discovered_miners.0.port'],
    [{ batch: { queue: 'mine', seq: 1 } }, 'batch.queue'],
    [{ batch: { queue: randomUUID(), seq: -1 } }, 'batch.seq'],
  ])('%j', async (body, path) => {
    const reply = await sync(server, apiKey, JSON.stringify(body));
    expect(reply.status).toBe(422);
    expect(reply.body.detail).toContain(path);
  });

  test('64 levels are taken, one more is not, and brackets in strings are none', async () => {
    expect((await sync(server, apiKey, nested(60))).status).toBe(200);
    const refused = await sync(server, apiKey, nested(61));
    expect(refused).toMatchObject({ status: 422, body: { code: 'invalid_json' } });
    expect(refused.body.detail).toContain('64 levels');
  });

  test('text with a number in it, and fields nobody knows, are taken', async () => {
    const body = {
      miner_stats: [sample({ hash_rate: '90.5', port: '4028', colour: 'red' })],
      extra: 1,
    };
    const reply = await sync(server, apiKey, JSON.stringify(body));
    expect(reply.body).toMatchObject({ stats_added: 1, errors: [] });
    expect((await pointsOfAgent())[0]?.[1]).toMatchObject({ hashrate_ths: 90.5 });
  });
});

const limit = 8 * 1024 * 1024;

/** A good body of exactly so many bytes. */
function padded(length: number): string {
  const frame = JSON.stringify({ miner_stats: [sample()], padding: '' });
  return frame.replace('"padding":""', `"padding":"${'x'.repeat(length - frame.length)}"`);
}

describe('too much', () => {
  test('a body of the limit is taken, one byte more is not, plain or compressed', async () => {
    expect((await sync(server, apiKey, padded(limit))).status).toBe(200);
    for (const send of [sync, syncGzip]) {
      const reply = await send(server, apiKey, padded(limit + 1));
      expect(reply.status).toBe(413);
      expect(reply.body.code).toBe('too_large');
    }
  });

  test('gzip bombs are refused before they unfold', async () => {
    const bomb = gzipSync(Buffer.alloc(256 * 1024 * 1024, ' '));
    const before = process.memoryUsage.rss();
    for (let i = 0; i < 5; i++) {
      const reply = await sync(server, apiKey, bomb, { 'content-encoding': 'gzip' });
      expect(reply.status).toBe(413);
    }
    expect(process.memoryUsage.rss() - before).toBeLessThan(128 * 1024 * 1024);
  });

  test('what says gzip and is not, or is cut, and what is compressed otherwise', async () => {
    const whole = gzipSync(JSON.stringify({ miner_stats: [] }));
    const gzip = { 'content-encoding': 'gzip' };
    for (const damaged of ['{"miner_stats":[]}', whole.subarray(0, 5), whole.subarray(0, -9)]) {
      const reply = await sync(server, apiKey, damaged, gzip);
      expect([reply.status, reply.body.code]).toEqual([422, 'invalid_json']);
    }
    expect((await sync(server, apiKey, whole, { 'content-encoding': 'br' })).status).toBe(415);
  });

  test('without a live key the body is not read', async () => {
    const reply = await sync(server, 'hy_nobody', padded(limit + 1)).catch(() => null);
    // The socket may be closed under the sender before it reads the answer.
    expect(reply?.status ?? 401).toBe(401);
  });
});

function at(ms: number) {
  return { timestamp: new Date(Date.now() + ms).toISOString() };
}

describe('values that cannot be true cost their own sample only', () => {
  test.each([
    ['bad_address', { ip_address: 'miner-7' }, 'ip_address'],
    ['bad_address', { ip_address: '10.0.0.1/24' }, 'ip_address'],
    ['bad_address', { ip_address: '010.0.0.1' }, 'ip_address'],
    ['bad_address', { ip_address: '' }, 'ip_address'],
    ['bad_address', { ip_address: 'fe80::1%eth0' }, 'ip_address'],
    ['bad_address', { port: 0 }, 'port'],
    ['bad_address', { port: 65_536 }, 'port'],
    ['bad_address', { port: -1 }, 'port'],
    ['bad_timestamp', { timestamp: 'yesterday' }, 'timestamp'],
    ['bad_timestamp', { timestamp: '' }, 'timestamp'],
    ['bad_timestamp', { timestamp: '2026-02-30T00:00:00Z' }, 'timestamp'],
    ['bad_timestamp', { timestamp: '1763793600' }, 'timestamp'],
    ['clock', { timestamp: '1970-01-01T00:00:00Z' }, 'timestamp'],
    ['future', { timestamp: '2100-01-01T00:00:00Z' }, 'timestamp'],
    ['future', { timestamp: new Date(Date.now() + 660_000).toISOString() }, 'timestamp'],
    ['too_old', { timestamp: new Date(Date.now() - 31 * 86_400_000).toISOString() }, 'timestamp'],
    ['bad_value', { hash_rate: 90_000_000 }, 'hash_rate'],
    ['bad_value', { hash_rate: -1 }, 'hash_rate'],
    ['bad_value', { temperature: 4_000 }, 'temperature'],
    ['bad_value', { fans: [1, 2, 700_000] }, 'fans.2'],
    ['bad_value', { boards: [{ slot: 0, temp_chip: 999 }] }, 'boards.0.temp_chip'],
  ])('%s: %j', async (code, wrong, field) => {
    const body = {
      miner_stats: [sample({ ip_address: '10.0.0.9' }), sample(wrong)],
      batch: { queue: randomUUID(), seq: 1 },
    };
    const reply = await sync(server, apiKey, JSON.stringify(body));
    expect(reply.status).toBe(200);
    expect(reply.body.stats_added).toBe(1);
    const detail = expect.stringContaining(`miner_stats.1.${field}`) as string;
    expect(reply.body.errors).toEqual([detail]);
    expect(reply.body.quarantined).toEqual([{ index: 1, code, detail }]);
    expect(await held()).toEqual([{ idx: 1, code, detail, sample: expect.objectContaining({}) }]);
    expect(await pointsOfAgent()).toHaveLength(1);

    // The same bad sample by another batch is the same row.
    await sync(server, apiKey, JSON.stringify({ ...body, batch: { ...body.batch, seq: 2 } }));
    expect(await held()).toHaveLength(1);
  });

  test('the limits themselves are inside', async () => {
    const list = [
      sample({ ...at(9.5 * 60_000), port: 65_535, hash_rate: 0 }),
      sample({ ...at(-29.8 * 86_400_000), port: 1, hash_rate: 10_000 }),
    ];
    const reply = await sync(server, apiKey, { miner_stats: list });
    expect(reply.body).toMatchObject({ stats_added: 2, errors: [] });
    expect(await pointsOfAgent()).toHaveLength(2);
  });

  test('the same miner twice at one second, and twice in one scan', async () => {
    const reply = await sync(server, apiKey, {
      miner_stats: [sample({ hash_rate: 1 }), sample({ hash_rate: 2 })],
      discovered_miners: [
        { ip_address: '10.0.0.1', name: 'first' },
        { ip_address: '10.0.0.1', name: 'second' },
      ],
    });
    expect(reply.body).toMatchObject({ stats_added: 1, miners_added: 1 });
    expect(reply.body.errors).toEqual([
      expect.stringContaining('miner_stats.1.timestamp'),
      expect.stringContaining('discovered_miners.1'),
    ]);
    expect(await held()).toMatchObject([{ idx: 1, code: 'duplicate', sample: { hash_rate: 2 } }]);
    expect((await pointsOfAgent())[0]?.[1]).toMatchObject({ hashrate_ths: 1 });
  });

  test('a miner that answers at its new address while its old one is still asked', async () => {
    const mac = '02:aa:00:00:00:01';
    const away = sample({ mac, ip_address: '10.0.0.5', reachable: false, hash_rate: undefined });
    const here = sample({ mac, ip_address: '10.0.0.6', hash_rate: 7 });
    const reply = await sync(server, apiKey, { miner_stats: [away, here] });
    expect(reply.body).toMatchObject({ stats_added: 1 });
    expect((await held()).map(({ idx, code }) => [idx, code])).toEqual([[0, 'duplicate']]);
    expect((await pointsOfAgent())[0]?.[1]).toMatchObject({ up: 1, hashrate_ths: 7 });
  });

  test('a discovered miner with a bad address', async () => {
    const reply = await sync(server, apiKey, {
      discovered_miners: [
        { ip_address: '10.0.0.300' },
        { ip_address: '10.0.0.3', container_id: 999 },
      ],
    });
    expect(reply.body).toMatchObject({ miners_added: 1 });
    expect(reply.body.errors).toEqual([
      expect.stringContaining('discovered_miners.0.ip_address'),
      expect.stringContaining('discovered_miners.1.container_id'),
    ]);
    expect(await held()).toMatchObject([{ idx: 0, code: 'bad_address' }]);
  });

  test('a whole body of bad samples is answered, listed and counted for administrators', async () => {
    const list = Array.from({ length: 150 }, (_, i) =>
      sample({ ip_address: `10.0.1.${i}`, port: 0 }),
    );
    const reply = await sync(server, apiKey, { miner_stats: list });
    expect(reply.body).toMatchObject({ stats_added: 0 });
    expect(reply.body.errors).toHaveLength(101);
    const listed = await fetch(`${server.url}/api/ingest/quarantine`, {
      headers: { authorization: `Bearer ${server.adminToken}` },
    });
    const answer = (await listed.json()) as { counts: object[]; newest: object[] };
    expect(answer.counts).toContainEqual(
      expect.objectContaining({ code: 'bad_address', count: 150 }),
    );
    expect(answer.newest).toHaveLength(100);
    const agentsKey = await fetch(`${server.url}/api/ingest/quarantine`, {
      headers: { authorization: `Bearer ${apiKey}` },
    });
    expect(agentsKey.status).toBe(401);
  });
});

test('NaN and Infinity as Python writes them become "not reported", also beside strings that name them', async () => {
  const text = `{"miner_stats":[{"ip_address":"10.0.0.1","timestamp":"${NOW}","hash_rate":NaN,
    "temperature": -Infinity,"fan_speed":Infinity,"power_consumption":3000,
    "summary_data":{"a \\" NaN":NaN,"b":"Infinity, NaN"}}]}`;
  const reply = await sync(server, apiKey, text);
  expect(reply.body.stats_added).toBe(1);
  expect(reply.body.errors.toSorted()).toEqual([
    expect.stringContaining('miner_stats.0.fan_speed: is NaN'),
    expect.stringContaining('miner_stats.0.hash_rate: is NaN'),
    expect.stringContaining('miner_stats.0.temperature: is NaN'),
  ]);
  const [, fields] = (await pointsOfAgent())[0] ?? [];
  expect(fields).toMatchObject({ up: 1, power_w: 3000 });
  expect(fields).not.toHaveProperty('hashrate_ths');
});

test('IPv6 miners are miners, one for each address however it is written', async () => {
  const reply = await sync(server, apiKey, {
    miner_stats: [sample({ ip_address: 'FD00:0:0::7' })],
    discovered_miners: [{ ip_address: 'fd00::7', manufacturer: 'Avalon' }],
  });
  expect(reply.body).toMatchObject({ miners_added: 1, stats_added: 1, errors: [] });
  expect((await pointsOfAgent())[0]?.[0]).toMatch(/^ip-fd00--7-4028 /);
});

test('names with everything in them are stored, shown on one line, and end up in no tag', async () => {
  const nasty = [
    'a,b c="d"\\',
    'x\ny\tz\u0000',
    'trailing\\',
    '⛏️ ферма',
    `'; DROP TABLE miners; --`,
    '\uD800',
    'x'.repeat(400),
  ];
  const reply = await sync(server, apiKey, {
    discovered_miners: nasty.map((name, i) => ({
      ip_address: `10.7.0.${i + 1}`,
      name,
      manufacturer: name,
      model: name,
      tags: [name],
      hostname: name,
    })),
    miner_stats: nasty.map((name, i) =>
      sample({
        ip_address: `10.7.0.${i + 1}`,
        manufacturer: name,
        model: name,
        serial: name,
        pools: [{ url: name, user: name }],
      }),
    ),
  });
  expect(reply.body).toMatchObject({ stats_added: nasty.length, errors: [] });
  const rows = await server.deps.sql<{ name: string }[]>`
    SELECT name FROM miners WHERE scope = ${`agent-${(await server.deps.sql`SELECT max(id) AS id FROM agents`)[0]?.['id']}`} ORDER BY ip_address`;
  const names = rows.map(({ name }) => name);
  expect(names).toContain('a,b c="d"\\');
  expect(names).toContain('x y z');
  expect(names).toContain('⛏️ ферма');
  expect(names).toContain('x'.repeat(255));
  for (const [key, { model }] of await pointsOfAgent()) {
    expect(`${key} ${String(model)}`).toMatch(/^[a-z0-9-]+ \d+ [a-z0-9-]+$/);
  }
  expect(await pointsOfAgent()).toHaveLength(nasty.length);
});

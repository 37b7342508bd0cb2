import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pino } from 'pino';
import { describe, expect, inject, test } from 'vitest';
import { announce } from '../../tests/support/announce.ts';
import { freshInflux } from '../../tests/support/influx.ts';
import { FRONT_WRITE_TOKEN, startInflux2Front } from '../../tests/support/influx2-front.ts';
import type { ServerConfig } from '../config.ts';
import { ensureDatabases } from './databases.ts';
import { InfluxError } from './influx.ts';
import { openInflux } from './open-influx.ts';
import { writeBatch, type Line } from './write-batch.ts';

const log = pino({ level: 'silent' });
const NOW_S = Math.floor(Date.now() / 1000 / 86_400) * 86_400 - 43_200;
const DAY_S = 86_400;

const real = openInflux({ ...inject('influx'), database: '', rollupDatabase: '' }, log);
const isReal2 = (await real.ping()).version.startsWith('2.');
await real.close();
if (isReal2) {
  announce(
    'The InfluxDB of this run is a 2.x: what only 1.x does, and the stand-in for 2.x, are left out.',
  );
}

const onReal = async () => {
  const backend = await freshInflux();
  return { config: backend.config, stack: disposing(backend) };
};
const behindFront = async () => {
  const backend = await freshInflux();
  const { database, rollupDatabase } = backend.config;
  const front = await startInflux2Front(backend.config, [database, rollupDatabase]);
  return { config: front.config, stack: disposing(backend, front) };
};
/** A real 2.x where there is one; else a real 1.x, and the same one behind what answers as 2.x. */
const versions: Record<string, typeof onReal> = isReal2
  ? { '2.x': onReal }
  : { '1.x': onReal, '2.x': behindFront };

function disposing(...owned: AsyncDisposable[]): AsyncDisposableStack {
  const stack = new AsyncDisposableStack();
  for (const one of owned) stack.use(one);
  return stack;
}

function line(miner: string, timeS: number, fields = 'up=1,hashrate_ths=100.5'): Line<string> {
  return { text: `miner,miner=${miner} ${fields} ${timeS}`, timeS, source: miner };
}

async function countOf(config: ServerConfig['influx']): Promise<number> {
  const influx = openInflux(config, log);
  const [series] = await influx.query(config.database, 'SELECT count(up) FROM miner');
  await influx.close();
  return Number(series?.values[0]?.[1] ?? 0);
}

describe.each(Object.entries(versions))('InfluxDB %s', (version, start) => {
  test('answers with its version', async () => {
    const { config, stack } = await start();
    await using _ = stack;
    const influx = openInflux(config, log);
    expect((await influx.ping()).version).toMatch(version === '1.x' ? /^1\./ : /^2\./);
    await influx.close();
  });

  test('stores lines of several days, 5,000 at most in a request', async () => {
    const { config, stack } = await start();
    await using _ = stack;
    const influx = openInflux(config, log);
    const sizes: number[] = [];
    const counting = {
      ...influx,
      write: (database: string, lines: readonly string[]) => {
        sizes.push(lines.length);
        return influx.write(database, lines);
      },
    };
    const lines = [
      ...Array.from({ length: 5_100 }, (_, i) => line(`m${i}`, NOW_S)),
      ...Array.from({ length: 100 }, (_, i) => line(`m${i}`, NOW_S - DAY_S)),
    ];
    expect(await writeBatch(counting, config.database, lines)).toEqual([]);
    await influx.close();
    expect(sizes).toEqual([5_000, 100, 100]);
    expect(await countOf(config)).toBe(5_200);
  });

  test('writing the same batch again changes nothing', async () => {
    const { config, stack } = await start();
    await using _ = stack;
    const influx = openInflux(config, log);
    const lines = Array.from({ length: 50 }, (_, i) => line(`m${i}`, NOW_S));
    await writeBatch(influx, config.database, lines);
    await writeBatch(influx, config.database, lines);
    await influx.close();
    expect(await countOf(config)).toBe(50);
  });

  test('finds each bad line by halving and stores every other', async () => {
    const { config, stack } = await start();
    await using _ = stack;
    const influx = openInflux(config, log);
    const lines = Array.from({ length: 1_000 }, (_, i) => line(`m${i}`, NOW_S));
    lines[17] = line('unparsable', NOW_S, 'up=1,hashrate_ths=many');
    lines[903] = line('other-type', NOW_S, 'up="text"');
    // The type of a field is settled by the first line that has it.
    await influx.write(config.database, [line('m0', NOW_S).text]);
    const refused = await writeBatch(influx, config.database, lines);
    await influx.close();
    expect(refused.flatMap((part) => part.lines.map(({ source }) => source))).toEqual([
      'unparsable',
      'other-type',
    ]);
    expect(refused[0]?.reason).toMatch(/unable to parse|invalid number/);
    expect(refused[1]?.reason).toContain('field type conflict');
    expect(await countOf(config)).toBe(998);
  });

  test('a batch that is bad throughout costs a bounded number of requests and loses nothing unsaid', async () => {
    const { config, stack } = await start();
    await using _ = stack;
    const influx = openInflux(config, log);
    let requests = 0;
    const counting = {
      ...influx,
      write: (database: string, lines: readonly string[]) => {
        requests++;
        return influx.write(database, lines);
      },
    };
    const lines = Array.from({ length: 1_000 }, (_, i) => line(`m${i}`, NOW_S, 'up=bad'));
    const refused = await writeBatch(counting, config.database, lines);
    await influx.close();
    expect(refused.flatMap((part) => part.lines)).toHaveLength(1_000);
    expect(requests).toBeLessThanOrEqual(64);
  });

  test('many small writes at once share requests, and each hears of its own lines', async () => {
    const { config, stack } = await start();
    await using _ = stack;
    const influx = openInflux(config, log);
    const writes = Array.from({ length: 40 }, (_, i) => {
      const bad = i === 11 || i === 30;
      return influx.write(config.database, [line(`m${i}`, NOW_S, bad ? 'up=bad' : 'up=1').text]);
    });
    const outcomes = await Promise.allSettled(writes);
    await influx.close();
    const failed = outcomes.flatMap((outcome, i) => (outcome.status === 'rejected' ? [i] : []));
    expect(failed).toEqual([11, 30]);
    expect(await countOf(config)).toBe(38);
  });

  test('wrong credentials and a missing database are mistakes in the set-up', async () => {
    const { config, stack } = await start();
    await using _ = stack;
    const stranger = openInflux({ ...config, password: 'wrong' }, log);
    await expect(stranger.write(config.database, [line('m', NOW_S).text])).rejects.toMatchObject({
      kind: 'misconfigured',
    });
    await stranger.close();
    const influx = openInflux(config, log);
    await expect(influx.write('nowhere', [line('m', NOW_S).text])).rejects.toMatchObject({
      kind: 'misconfigured',
    });
    await expect(influx.query('nowhere', 'SELECT up FROM miner')).rejects.toMatchObject({
      kind: 'misconfigured',
    });
    await influx.close();
  });

  test('creates the databases that are missing and leaves the others alone', async () => {
    const { config, stack } = await start();
    await using _ = stack;
    const fresh = { ...config, database: `${config.database}_new` };
    await ensureDatabases(fresh, log);
    await ensureDatabases(fresh, log);
    const influx = openInflux(fresh, log);
    await influx.write(fresh.database, [line('m', NOW_S).text]);
    expect(await countOf(fresh)).toBe(1);
    await influx.close();
  });
});

test.skipIf(isReal2)(
  '1.x: raw samples are kept 30 days in shards of one, rollups for ever',
  async () => {
    await using backend = await freshInflux();
    const { database, rollupDatabase } = backend.config;
    const influx = openInflux(backend.config, log);
    for (const name of [database, rollupDatabase]) {
      await influx.query(name, `DROP DATABASE "${name}"`);
    }
    await ensureDatabases(backend.config, log);
    const policyOf = async (name: string) =>
      (await influx.query(name, 'SHOW RETENTION POLICIES'))[0]?.values[0]?.slice(0, 3);
    expect(await policyOf(database)).toEqual(['autogen', '720h0m0s', '24h0m0s']);
    expect(await policyOf(rollupDatabase)).toEqual(['autogen', '0s', '720h0m0s']);
    await influx.close();
  },
);

test.skipIf(isReal2)(
  '2.x: a token without rights gets the command to run, and needs none when the buckets are there',
  async () => {
    await using backend = await freshInflux();
    const { database, rollupDatabase } = backend.config;
    await using front = await startInflux2Front(backend.config, [database]);
    const limited = { ...front.config, password: FRONT_WRITE_TOKEN };
    await expect(ensureDatabases(limited, log)).rejects.toThrow(
      `influx bucket create --name ${rollupDatabase} --retention 0 --shard-group-duration 30d`,
    );
    front.buckets.add(rollupDatabase);
    await expect(ensureDatabases(limited, log)).resolves.toBeUndefined();
  },
);

test.skipIf(isReal2)(
  '2.x: servers that start at the same moment make each bucket once',
  async () => {
    await using backend = await freshInflux();
    await using front = await startInflux2Front(backend.config, []);
    const fresh = { ...front.config, rollupDatabase: `${backend.config.rollupDatabase}_new` };
    front.buckets.add(fresh.database);
    await Promise.all(Array.from({ length: 4 }, () => ensureDatabases(fresh, log)));
    expect([...front.buckets]).toEqual([fresh.database, fresh.rollupDatabase]);
    const influx = openInflux(backend.config, log);
    await influx.query(fresh.rollupDatabase, `DROP DATABASE "${fresh.rollupDatabase}"`);
    await influx.close();
  },
);

test.skipIf(isReal2)('1.x: a user without rights gets the statement to run', async () => {
  await using backend = await freshInflux();
  const admin = openInflux(backend.config, log);
  const user = `limited_${backend.config.database}`;
  await admin.query(backend.config.database, `CREATE USER ${user} WITH PASSWORD 'pw'`);
  const config = { ...backend.config, user, password: 'pw', database: 'not_there' };
  await expect(ensureDatabases(config, log)).rejects.toThrow(
    'CREATE DATABASE "not_there" WITH DURATION 30d REPLICATION 1 SHARD DURATION 1d NAME "autogen"',
  );
  await admin.query(backend.config.database, `DROP USER ${user}`);
  await admin.close();
});

function reply(status: number, body: string, headers: Record<string, string> = {}) {
  return (response: ServerResponse) => {
    response.writeHead(status, headers).end(body);
  };
}

describe('what an answer means', () => {
  const cases: [name: string, reply: (response: ServerResponse) => void, expected: object][] = [
    ['500', reply(500, 'engine: closed'), { kind: 'unavailable', retryAfterS: undefined }],
    ['503', reply(503, 'busy', { 'retry-after': '7' }), { kind: 'unavailable', retryAfterS: 7 }],
    ['429', reply(429, '{}', { 'retry-after': '120' }), { kind: 'unavailable', retryAfterS: 120 }],
    [
      '500 for a missing policy',
      reply(500, 'retention policy not found'),
      { kind: 'misconfigured' },
    ],
    ['403', reply(403, 'forbidden'), { kind: 'misconfigured' }],
    ['413', reply(413, 'too large'), { kind: 'too_large' }],
    ['500 with a partial write', reply(500, 'partial write: dropped=1'), { kind: 'rejected' }],
    ['a redirect', reply(302, '', { location: '/login' }), { kind: 'unavailable' }],
    ['a page of a captive portal', reply(200, '<html>'), { kind: 'unavailable' }],
    ['a closed connection', (response) => response.destroy(), { kind: 'unavailable' }],
  ];

  test.each(cases)('%s', async (_name, respond, expected) => {
    const server = createServer((request, response) => {
      request.resume().on('end', () => respond(response));
    });
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    const { port } = server.address() as AddressInfo;
    const influx = openInflux(
      {
        url: `http://127.0.0.1:${port}`,
        user: 'u',
        password: 'p',
        database: 'd',
        rollupDatabase: 'r',
      },
      log,
    );
    const error: unknown = await influx.write('d', ['m up=1 1']).catch((cause: unknown) => cause);
    await influx.close();
    server.close();
    server.closeAllConnections();
    expect(error).toBeInstanceOf(InfluxError);
    expect(error).toMatchObject(expected);
  });
});

test('an InfluxDB that fails again and again is left alone', async () => {
  let requests = 0;
  const server = createServer((request, response) => {
    requests++;
    request.resume().on('end', () => response.writeHead(503).end('busy'));
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  const access = { url: `http://127.0.0.1:${port}`, user: 'u', password: 'p' };
  const influx = openInflux({ ...access, database: 'd', rollupDatabase: 'r' }, log);
  for (let i = 0; i < 20; i++) {
    await expect(influx.write('d', ['m up=1 1'])).rejects.toMatchObject({ kind: 'unavailable' });
  }
  await influx.close();
  server.close();
  server.closeAllConnections();
  expect(requests).toBe(5);
});

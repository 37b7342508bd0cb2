import { createServer } from 'node:net';
import { once } from 'node:events';
import postgres from 'postgres';
import { pino } from 'pino';
import { expect, test } from 'vitest';
import { freshDatabase } from '../tests/support/database.ts';
import { freshInflux } from '../tests/support/influx.ts';
import type { ServerConfig } from './config.ts';
import { startServer } from './start.ts';

const log = pino({ level: 'silent' });
const configWith = (
  databaseUrl: string,
  influx: ServerConfig['influx'],
  more: Partial<ServerConfig> = {},
): ServerConfig => ({
  databaseUrl,
  influx,
  host: '127.0.0.1',
  port: 0,
  publicUrl: undefined,
  grafanaUrl: undefined,
  trustProxy: [],
  logLevel: 'silent',
  ...more,
});
/** Connections our programs hold to the database, seen from outside. */
const connections = async (url: string) => {
  const sql = postgres(url, { max: 1 });
  try {
    const rows = await sql`
      select from pg_stat_activity where datname = current_database() and application_name = 'hashyard'`;
    return rows.length;
  } finally {
    await sql.end();
  }
};

test('creates the tables at its first start, serves, and leaves nothing open', async () => {
  await using database = await freshDatabase();
  await database.sql.unsafe(
    'set client_min_messages = warning; drop schema grafana cascade; drop schema public cascade; create schema public',
  );
  await using influx = await freshInflux();
  const publicUrl = 'https://hashyard.example';
  const server = await startServer(configWith(database.url, influx.config, { publicUrl }), log);
  try {
    expect((await fetch(`${server.url}/readyz`)).status).toBe(200);
    expect(await database.sql`select public_url from grafana.instance`).toEqual([
      { public_url: publicUrl },
    ]);
    expect(await connections(database.url)).toBeGreaterThan(0);
  } finally {
    await server.close();
  }
  await expect(fetch(`${server.url}/healthz`)).rejects.toThrow('fetch failed');
  expect(await connections(database.url)).toBe(0);
});

test('three servers starting on one empty database all serve', async () => {
  await using database = await freshDatabase();
  await database.sql.unsafe(
    'set client_min_messages = warning; drop schema grafana cascade; drop schema public cascade; create schema public',
  );
  await using influx = await freshInflux();
  const config = configWith(database.url, influx.config);
  const servers = await Promise.all([1, 2, 3].map(() => startServer(config, log)));
  try {
    const answers = await Promise.all(servers.map(({ url }) => fetch(`${url}/readyz`)));
    expect(answers.map((answer) => answer.status)).toEqual([200, 200, 200]);
  } finally {
    await Promise.all(servers.map((server) => server.close()));
  }
});

test('starts while InfluxDB is away', async () => {
  await using database = await freshDatabase();
  await using influx = await freshInflux();
  const away = { ...influx.config, url: 'http://127.0.0.1:9' };
  const lines: string[] = [];
  const ear = pino({ level: 'error' }, { write: (line) => void lines.push(line) });
  const server = await startServer(configWith(database.url, away), ear);
  try {
    expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
    expect((await fetch(`${server.url}/readyz`)).status).toBe(503);
  } finally {
    await server.close();
  }
  expect(lines.join('')).toContain('samples are kept until it can: InfluxDB cannot be reached');
});

test('a start that fails on the last step releases what it had opened', async () => {
  await using database = await freshDatabase();
  await using influx = await freshInflux();
  const squatter = createServer().listen(0, '127.0.0.1');
  await once(squatter, 'listening');
  try {
    const { port } = squatter.address() as { port: number };
    const config = configWith(database.url, influx.config, { port });
    await expect(startServer(config, log)).rejects.toMatchObject({ code: 'EADDRINUSE' });
    expect(await connections(database.url)).toBe(0);
  } finally {
    squatter.close();
  }
});

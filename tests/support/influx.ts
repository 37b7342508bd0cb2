import { randomBytes } from 'node:crypto';
import { inject } from 'vitest';
import type { ServerConfig } from '../../server/config.ts';

export interface FreshInflux {
  config: ServerConfig['influx'];
  [Symbol.asyncDispose](): Promise<void>;
}

/** Two empty databases of the test's own (raw and rollup) on the shared InfluxDB; dropped on dispose. */
export async function freshInflux(): Promise<FreshInflux> {
  const access = inject('influx');
  const name = `test_${randomBytes(6).toString('hex')}`;
  const config = { ...access, database: name, rollupDatabase: `${name}_rollup` };
  const databases = [config.database, config.rollupDatabase];
  const version = await versionOf(config.url);
  const { create, drop } = version.startsWith('v2') ? buckets(config) : influxql(config);
  for (const database of databases) await create(database);
  return {
    config,
    async [Symbol.asyncDispose]() {
      for (const database of databases) await drop(database);
    },
  };
}

interface Access {
  url: string;
  user: string;
  password: string;
}

async function versionOf(url: string): Promise<string> {
  const answer = await fetch(`${url}/ping`);
  await answer.arrayBuffer();
  return answer.headers.get('x-influxdb-version') ?? '';
}

function influxql({ url, user, password }: Access) {
  const authorization = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
  const run = async (q: string) => {
    const answer = await fetch(`${url}/query`, {
      method: 'POST',
      headers: { authorization },
      body: new URLSearchParams({ q }),
    });
    const text = await answer.text();
    if (!answer.ok || text.includes('"error"')) throw new Error(`InfluxDB refused ${q}: ${text}`);
  };
  return {
    create: (name: string) => run(`CREATE DATABASE "${name}"`),
    drop: (name: string) => run(`DROP DATABASE "${name}"`),
  };
}

/** 2.x knows databases only as buckets, and InfluxQL cannot make one. */
function buckets({ url, password }: Access) {
  const ids = new Map<string, string>();
  const call = async <T>(method: string, path: string, body?: object): Promise<T> => {
    const answer = await fetch(`${url}/api/v2/${path}`, {
      method,
      headers: { authorization: `Token ${password}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`InfluxDB refused ${method} ${path}: ${text}`);
    return (text === '' ? null : JSON.parse(text)) as T;
  };
  return {
    async create(name: string) {
      const { orgs } = await call<{ orgs: { id: string }[] }>('GET', 'orgs');
      const orgID = orgs[0]?.id;
      const { id } = await call<{ id: string }>('POST', 'buckets', { name, orgID });
      ids.set(name, id);
    },
    async drop(name: string) {
      await call('DELETE', `buckets/${ids.get(name)}`);
    },
  };
}

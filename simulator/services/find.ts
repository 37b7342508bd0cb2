import { join } from 'node:path';
import type { StartedTestContainer } from 'testcontainers';
import type { InfluxService } from './influxd.ts';
import { startInfluxd } from './influxd.ts';
import type { PostgresService } from './postgres.ts';
import { startPostgres } from './postgres.ts';

/** A service somebody else may own: `stop` ends only what was started here. */
export type Postgres = Pick<PostgresService, 'url' | 'described' | 'stop'>;
/** 1.x: `password` is the administrator's. 2.x: it is a token that may manage buckets, `user` is any name. */
export type InfluxDB = Pick<InfluxService, 'url' | 'user' | 'password' | 'described' | 'stop'>;

export interface FindOptions {
  /** For the data of a local service. */
  dir: string;
  env: Record<string, string | undefined>;
  /** Told in one sentence what was found. */
  say: (line: string) => void;
}

const POSTGRES_IMAGE = 'postgres:17';
const INFLUX_IMAGE = 'influxdb:2.7';

/**
 * TEST_DATABASE_URL → Docker → local programs. Never a fake, never a skip.
 * Throws `PostgresNotFoundError`, whose message says what to install.
 */
export async function findPostgres({ dir, env, say }: FindOptions): Promise<Postgres> {
  const url = env['TEST_DATABASE_URL'];
  const found: Postgres = url
    ? { url, described: 'the server of TEST_DATABASE_URL', stop: () => Promise.resolve() }
    : ((await postgresInDocker()) ??
      (await startPostgres({ dir: join(dir, 'postgres'), durable: false })));
  say(`Postgres: ${found.described}`);
  return found;
}

/**
 * TEST_INFLUX_URL (with TEST_INFLUX_USER and TEST_INFLUX_PASSWORD, the latter a token on 2.x) → Docker → local
 * programs. Never a fake, never a skip. Throws `InfluxdNotFoundError`, whose message says what to install.
 */
export async function findInflux({ dir, env, say }: FindOptions): Promise<InfluxDB> {
  const url = env['TEST_INFLUX_URL'];
  const found: InfluxDB = url
    ? {
        url: url.replace(/\/$/, ''),
        user: env['TEST_INFLUX_USER'] ?? 'admin',
        password: env['TEST_INFLUX_PASSWORD'] ?? '',
        described: 'the server of TEST_INFLUX_URL',
        stop: () => Promise.resolve(),
      }
    : ((await influxInDocker()) ?? (await startInfluxd({ dir: join(dir, 'influxdb') })));
  say(`InfluxDB: ${found.described}`);
  return found;
}

/** The client for containers, or null when no Docker engine answers. */
export async function docker(): Promise<typeof import('testcontainers') | null> {
  const testcontainers = await import('testcontainers');
  return testcontainers.getContainerRuntimeClient().then(
    () => testcontainers,
    () => null,
  );
}

const stopping = (container: StartedTestContainer) => async () => {
  await container.stop();
};

async function postgresInDocker(): Promise<Postgres | null> {
  const engine = await docker();
  if (engine === null) return null;
  const container = await new engine.GenericContainer(POSTGRES_IMAGE)
    .withEnvironment({ POSTGRES_PASSWORD: 'test' })
    .withCommand(['postgres', '-c', 'fsync=off', '-c', 'max_connections=200'])
    .withExposedPorts(5432)
    // The image starts its server twice; the first is for its own set-up.
    .withWaitStrategy(
      engine.Wait.forLogMessage(/database system is ready to accept connections/, 2),
    )
    .start();
  return {
    url: `postgres://postgres:test@${container.getHost()}:${container.getMappedPort(5432)}/postgres`,
    described: `${POSTGRES_IMAGE} in Docker`,
    stop: stopping(container),
  };
}

async function influxInDocker(): Promise<InfluxDB | null> {
  const engine = await docker();
  if (engine === null) return null;
  const token = 'token-of-the-tests';
  const container = await new engine.GenericContainer(INFLUX_IMAGE)
    .withEnvironment({
      DOCKER_INFLUXDB_INIT_MODE: 'setup',
      DOCKER_INFLUXDB_INIT_USERNAME: 'admin',
      DOCKER_INFLUXDB_INIT_PASSWORD: 'only-for-tests',
      DOCKER_INFLUXDB_INIT_ORG: 'hashyard',
      DOCKER_INFLUXDB_INIT_BUCKET: 'unused',
      DOCKER_INFLUXDB_INIT_ADMIN_TOKEN: token,
    })
    .withExposedPorts(8086)
    .withWaitStrategy(engine.Wait.forHttp('/health', 8086))
    .start();
  return {
    url: `http://${container.getHost()}:${container.getMappedPort(8086)}`,
    user: 'hashyard',
    password: token,
    described: `${INFLUX_IMAGE} in Docker`,
    stop: stopping(container),
  };
}

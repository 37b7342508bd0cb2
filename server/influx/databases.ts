import type { FastifyBaseLogger } from 'fastify';
import * as z from 'zod';
import type { ServerConfig } from '../config.ts';
import { failureOfAnswer } from './influx-failure.ts';
import { InfluxError } from './influx.ts';
import { authorizationOf, openInflux, request } from './open-influx.ts';

/** Days raw samples are kept; older ones are not written. */
export const RAW_RETENTION_DAYS = 30;

type Config = ServerConfig['influx'];

interface Wanted {
  name: string;
  /** undefined: for ever. */
  retentionDays: number | undefined;
  shardDays: number;
}

/**
 * Makes the two databases (2.x: buckets) that are missing, where the version and the credentials allow it.
 * Existing ones are left as they are: their retention may be an administrator's choice.
 * Throws `InfluxError`: 'unavailable', or 'misconfigured' with the command that helps.
 */
export async function ensureDatabases(config: Config, log: FastifyBaseLogger): Promise<void> {
  const wanted: Wanted[] = [
    { name: config.database, retentionDays: RAW_RETENTION_DAYS, shardDays: 1 },
    { name: config.rollupDatabase, retentionDays: undefined, shardDays: 30 },
  ];
  const influx = openInflux(config, log);
  try {
    const { version } = await influx.ping();
    const [major = 0, minor = 0] = version.split('.').map((part) => Number.parseInt(part, 10));
    log.info({ version }, 'InfluxDB found');
    if (major === 1) {
      await createByInfluxql(config, wanted, log);
    } else if (major === 2) {
      // The first version that maps a bucket to a database of the same name by itself.
      if (minor < 4) {
        throw new InfluxError(
          'misconfigured',
          `InfluxDB ${version} is too old: 2.4 or newer is needed`,
        );
      }
      await createBuckets(config, wanted, log);
    } else {
      // 3.x makes a database at its first write, but without retention, and Core cannot add one later.
      log.warn(
        { commands: wanted.map(commandFor3) },
        'InfluxDB 3 keeps for ever what is written to a database it made itself; create them with these commands first',
      );
    }
  } finally {
    await influx.close();
  }
}

async function createByInfluxql(config: Config, wanted: Wanted[], log: FastifyBaseLogger) {
  const statement = async (q: string) => {
    const answer = await request(
      `${config.url}/query`,
      { method: 'POST', headers: authorizationHeader(config), body: new URLSearchParams({ q }) },
      10_000,
    );
    if (answer.status !== 200) throw failureOfAnswer(answer.status, answer.text, answer.retryAfter);
    return z
      .object({
        results: z.array(
          z.object({
            error: z.string().optional(),
            series: z
              .array(z.object({ values: z.array(z.array(z.unknown())).optional() }))
              .optional(),
          }),
        ),
      })
      .parse(JSON.parse(answer.text)).results[0];
  };
  const listed = await statement('SHOW DATABASES');
  const present = new Set(listed?.series?.flatMap((s) => s.values ?? []).map((row) => row[0]));
  for (const database of wanted) {
    if (present.has(database.name)) continue;
    const command = commandFor1(database);
    const made = await statement(command).catch((error: unknown) => {
      throw cannotCreate(database, `influx -execute '${command}'`, error);
    });
    if (made?.error) {
      throw cannotCreate(database, `influx -execute '${command}'`, new Error(made.error));
    }
    log.info({ database: database.name }, 'InfluxDB database created');
  }
}

const bucketList = z.object({ buckets: z.array(z.object({ name: z.string() })).default([]) });
const orgList = z.object({ orgs: z.array(z.object({ id: z.string(), name: z.string() })) });

async function createBuckets(config: Config, wanted: Wanted[], log: FastifyBaseLogger) {
  const call = async (path: string, body?: object): Promise<unknown> => {
    const answer = await request(
      `${config.url}/api/v2/${path}`,
      {
        method: body ? 'POST' : 'GET',
        // The v2 API knows tokens only in this form.
        headers: { authorization: `Token ${config.password}`, 'content-type': 'application/json' },
        ...(body ? { body: JSON.stringify(body) } : {}),
      },
      10_000,
    );
    if (answer.status >= 300) throw failureOfAnswer(answer.status, answer.text, answer.retryAfter);
    return JSON.parse(answer.text);
  };
  // A token sees the buckets it may read; without any the list is empty, or 404 with some versions.
  const isPresent = async ({ name }: Wanted) => {
    const listed = await call(`buckets?name=${encodeURIComponent(name)}`).catch(ifNotFound);
    return bucketList.safeParse(listed).data?.buckets.some((bucket) => bucket.name === name);
  };
  for (const bucket of wanted) {
    if (await isPresent(bucket)) continue;
    try {
      const orgs = orgList.parse(await call('orgs')).orgs;
      const [org] = orgs;
      if (!org) {
        throw new InfluxError('misconfigured', 'the token may not create it, or may not read it');
      }
      if (orgs.length > 1) {
        throw new InfluxError('misconfigured', `the token sees ${orgs.length} organisations`);
      }
      const everySeconds = (bucket.retentionDays ?? 0) * 86_400;
      await call('buckets', {
        orgID: org.id,
        name: bucket.name,
        retentionRules: [
          { type: 'expire', everySeconds, shardGroupDurationSeconds: bucket.shardDays * 86_400 },
        ],
      });
    } catch (error) {
      // Another server that started at the same moment may have made it: 422 "already exists".
      if (await isPresent(bucket)) continue;
      throw cannotCreate(bucket, commandFor2(bucket), error);
    }
    log.info({ bucket: bucket.name }, 'InfluxDB bucket created');
  }
}

function ifNotFound(error: unknown): unknown {
  if (error instanceof InfluxError && error.message.includes('answered 404')) return undefined;
  throw error;
}

function cannotCreate(database: Wanted, command: string, cause: unknown): InfluxError {
  if (cause instanceof InfluxError && cause.kind === 'unavailable') return cause;
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new InfluxError(
    'misconfigured',
    `"${database.name}" is missing in InfluxDB and cannot be created with these credentials (${reason}). ` +
      `Create it with: ${command}`,
    { cause },
  );
}

function commandFor1({ name, retentionDays, shardDays }: Wanted): string {
  const duration = retentionDays === undefined ? 'INF' : `${retentionDays}d`;
  return `CREATE DATABASE "${name}" WITH DURATION ${duration} REPLICATION 1 SHARD DURATION ${shardDays}d NAME "autogen"`;
}

function commandFor2({ name, retentionDays, shardDays }: Wanted): string {
  const retention = retentionDays === undefined ? '0' : `${retentionDays}d`;
  return `influx bucket create --name ${name} --retention ${retention} --shard-group-duration ${shardDays}d`;
}

function commandFor3({ name, retentionDays }: Wanted): string {
  const retention = retentionDays === undefined ? '' : `--retention-period ${retentionDays}d `;
  return `influxdb3 create database ${retention}${name}`;
}

function authorizationHeader(config: Config): Record<string, string> {
  const authorization = authorizationOf(config);
  return authorization === undefined ? {} : { authorization };
}

import { readFileSync } from 'node:fs';
import * as z from 'zod';

const databaseName = z.string().regex(/^\w+$/, 'expected letters, digits and _');
const port = 'expected a number from 0 to 65535';
const address = z.union([z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()]);

const environment = z.object({
  DATABASE_URL: z
    .string()
    .regex(/^postgres(ql)?:\/\//, 'expected postgres://user:password@host:5432/hashyard'),
  INFLUX_URL: z
    .url({ protocol: /^https?$/, error: 'expected http://host:8086' })
    // It is shown in logs and by `check`, and fetch refuses credentials in a URL anyway.
    .refine(
      (url) => !URL.canParse(url) || new URL(url).username + new URL(url).password === '',
      'must hold no user and password; set INFLUX_USER and INFLUX_PASSWORD',
    ),
  /** 1.x: the user. 2.x and 3.x: any name that is not a v1 user. */
  INFLUX_USER: z.string().default('hashyard'),
  /** 1.x: the password. 2.x and 3.x: an API token. Empty: no authentication. */
  INFLUX_PASSWORD: z.string().default(''),
  INFLUX_DATABASE: databaseName.default('hashyard'),
  INFLUX_ROLLUP_DATABASE: databaseName.default('hashyard_rollup'),
  HOST: z.string().default('127.0.0.1'),
  PORT: z.coerce.number(port).int(port).min(0, port).max(65535, port).default(8000),
  /** How people and agents reach the server; decides Secure cookies and the install commands shown. */
  PUBLIC_URL: z.url({ protocol: /^https?$/, error: 'expected https://host' }).optional(),
  GRAFANA_URL: z.url({ protocol: /^https?$/, error: 'expected https://host' }).optional(),
  /** Addresses of reverse proxies whose X-Forwarded-* are believed, comma-separated. */
  TRUST_PROXY: z
    .string()
    .transform((list) => list.split(',').map((part) => part.trim()))
    .refine(
      (list) => list.every((part) => address.safeParse(part).success),
      'expected addresses or ranges, comma-separated: 172.18.0.1,10.0.0.0/8',
    )
    .default([]),
  LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
});

/** Secrets that may come by file: NAME_FILE holds the path. */
const BY_FILE = ['DATABASE_URL', 'INFLUX_PASSWORD'] as const;

export type ServerConfig = Readonly<{
  databaseUrl: string;
  influx: { url: string; user: string; password: string; database: string; rollupDatabase: string };
  host: string;
  port: number;
  publicUrl: string | undefined;
  grafanaUrl: string | undefined;
  trustProxy: string[];
  logLevel: z.output<typeof environment>['LOG_LEVEL'];
}>;

/** The environment is wrong; the message names each variable (never its value) and what is expected. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/** Reads the environment once; an empty variable is one that is not set. Throws `ConfigError`. */
export function readConfig(env: NodeJS.ProcessEnv): ServerConfig {
  // Compose has no way to leave a variable out, only to make it empty.
  const merged = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''));
  for (const name of BY_FILE) {
    const path = merged[`${name}_FILE`];
    if (path === undefined || merged[name] !== undefined) continue;
    try {
      merged[name] = readFileSync(path, 'utf8').trim();
    } catch (cause) {
      throw new ConfigError(`${name}_FILE: cannot read ${path}`, { cause });
    }
  }
  const parsed = environment.safeParse(merged);
  if (!parsed.success) {
    const lines = parsed.error.issues.map((issue) => {
      const name = String(issue.path[0]);
      return merged[name] === undefined ? `${name} is not set` : `${name}: ${issue.message}`;
    });
    throw new ConfigError(lines.join('\n'));
  }
  const e = parsed.data;
  return {
    databaseUrl: e.DATABASE_URL,
    influx: {
      url: e.INFLUX_URL.replace(/\/$/, ''),
      user: e.INFLUX_USER,
      password: e.INFLUX_PASSWORD,
      database: e.INFLUX_DATABASE,
      rollupDatabase: e.INFLUX_ROLLUP_DATABASE,
    },
    host: e.HOST,
    port: e.PORT,
    publicUrl: e.PUBLIC_URL?.replace(/\/$/, ''),
    grafanaUrl: e.GRAFANA_URL?.replace(/\/$/, ''),
    trustProxy: e.TRUST_PROXY,
    logLevel: e.LOG_LEVEL,
  };
}

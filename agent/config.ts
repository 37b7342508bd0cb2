import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import * as z from 'zod';
import { AgentFailure, EXIT } from './failure.ts';
import { familyById } from './families/index.ts';
import type { Messages } from './messages.ts';
import { nearest } from './nearest.ts';
import { ALLOWANCES, planAddresses } from './ranges.ts';
import type { AddressPlan, Allowance } from './ranges.ts';

const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;

/** Comma-separated text or a list. */
const list = z
  .union([z.string(), z.array(z.string())])
  .transform((value) =>
    (typeof value === 'string' ? value.split(',') : value).map((item) => item.trim()),
  )
  .transform((items) => items.filter((item) => item !== ''));
const seconds = z.union([z.number(), z.string().regex(/^\d+$/).transform(Number)]);

const login = z.strictObject({ user: z.string(), password: z.string() });

/** Every setting: its rule and its default. The names are those of config.json. */
const settings = z.object({
  server_url: z.url({ protocol: /^https?$/ }).default('http://localhost:8000'),
  api_key: z.string().trim().min(1).optional(),
  network_cidr: list.pipe(z.array(z.string()).min(1)).default(['192.168.1.0/24']),
  exclude: list.default([]),
  allow: list.pipe(z.array(z.enum(ALLOWANCES))).default([]),
  scan_interval: seconds.pipe(z.number().int().min(5)).default(300),
  poll_interval: seconds.pipe(z.number().int().min(1).max(3600)).default(60),
  queue_dir: z.string().min(1).default('./queue'),
  credentials: z
    .record(
      z.string().refine((id) => familyById(id) !== undefined, 'no such family'),
      z.union([login.transform((one) => [one]), z.array(login)]),
    )
    .default({}),
  log_level: z.enum(LOG_LEVELS).default('info'),
});
type Setting = keyof z.input<typeof settings>;
const SETTINGS = Object.keys(settings.shape) as Setting[];

const ENVIRONMENT = {
  AGENT_SERVER_URL: 'server_url',
  AGENT_API_KEY: 'api_key',
  AGENT_NETWORK: 'network_cidr',
  AGENT_EXCLUDE: 'exclude',
  AGENT_ALLOW: 'allow',
  AGENT_SCAN_INTERVAL: 'scan_interval',
  AGENT_POLL_INTERVAL: 'poll_interval',
  AGENT_QUEUE_DIR: 'queue_dir',
  AGENT_LOG_LEVEL: 'log_level',
} as const satisfies Record<string, Setting>;

/** What each setting must look like, for the error. */
const EXPECTED: Record<Setting, string> = {
  server_url: 'http://host:8000, https://host',
  api_key: 'hy_…',
  network_cidr: '192.168.1.0/24, ["10.0.0.0/22", "10.0.8.5-10.0.8.90"]',
  exclude: '["192.168.1.1", "192.168.1.200-192.168.1.254"]',
  allow: ALLOWANCES.join(', '),
  scan_interval: '300 (≥ 5 s)',
  poll_interval: '60 (1–3600 s)',
  queue_dir: './queue',
  credentials:
    '{ "antminer-stock": { "user": "root", "password": "…" } }, or a list of such logins for each family',
  log_level: LOG_LEVELS.join(', '),
};

/** Everything the agent is told. Intervals in seconds, paths absolute. */
export interface AgentConfig {
  /** The config.json read, if any. */
  file: string | null;
  /** Without a trailing slash. */
  serverUrl: string;
  apiKey: string | null;
  addresses: AddressPlan;
  allow: readonly Allowance[];
  scanIntervalS: number;
  pollIntervalS: number;
  queueDir: string;
  /** By family id, in the order they are tried. */
  credentials: Readonly<Record<string, readonly { user: string; password: string }[]>>;
  logLevel: (typeof LOG_LEVELS)[number];
  /** Not fatal, worth saying. */
  warnings: ((say: Messages) => string)[];
}

/** Flags of the command line under their config.json names; `config` is the file itself. */
export type ConfigFlags = Partial<Record<Setting | 'config', string | string[] | undefined>>;

/**
 * Flag > AGENT_* > config.json > default. The file is `--config`, else config.json beside the
 * program, else in the working folder. Throws AgentFailure naming the setting and what is expected.
 */
export function loadConfig(source: {
  flags?: ConfigFlags;
  env: Record<string, string | undefined>;
  cwd: string;
  programDir: string;
}): AgentConfig {
  const { flags = {}, env, cwd } = source;
  const warnings: AgentConfig['warnings'] = [];
  const file = findFile(flags.config, cwd, source.programDir);
  const values: Partial<Record<Setting, unknown>> = {};
  const origin: Partial<Record<Setting, string>> = {};
  const take = (setting: Setting, value: unknown, from: string): void => {
    values[setting] = value;
    origin[setting] = from;
  };

  if (file !== null) {
    const stored = readFile(file);
    for (const [key, value] of Object.entries(stored)) {
      if (!isSetting(key)) {
        throw new AgentFailure((say) => say.unknownKey(file, key, nearest(key, SETTINGS)));
      }
      take(key, value, file);
    }
    const queueDir = values.queue_dir;
    if (typeof queueDir === 'string') values.queue_dir = resolve(dirname(file), queueDir);
    const open = statSync(file).mode & 0o077;
    const secret = 'api_key' in stored || 'credentials' in stored;
    if (secret && open !== 0 && process.platform !== 'win32') {
      warnings.push((say) => say.secretsOpen(file));
    }
  }
  for (const [name, value] of Object.entries(env)) {
    if (value === undefined || value === '' || !name.startsWith('AGENT_')) continue;
    const setting = (ENVIRONMENT as Record<string, Setting>)[name];
    if (setting !== undefined) {
      take(setting, value, name);
    } else {
      const close = nearest(name, Object.keys(ENVIRONMENT));
      if (close !== null) warnings.push((say) => say.unknownVariable(name, close));
    }
  }
  for (const setting of SETTINGS) {
    if (flags[setting] !== undefined) take(setting, flags[setting], flagOf(setting));
  }

  const parsed = settings.safeParse(values);
  if (!parsed.success) {
    const setting = parsed.error.issues[0]?.path[0] as Setting;
    throw new AgentFailure((say) =>
      say.badSetting(setting, origin[setting] ?? '', EXPECTED[setting]),
    );
  }
  const set = parsed.data;
  const url = new URL(set.server_url);
  if (url.protocol === 'http:' && !isLoopback(url.hostname)) {
    warnings.push((say) => say.plainHttp(url.origin));
  }
  return {
    file,
    serverUrl: set.server_url.replace(/\/+$/, ''),
    apiKey: set.api_key ?? null,
    addresses: planAddresses({
      networks: set.network_cidr,
      exclude: set.exclude,
      allow: set.allow,
    }),
    allow: set.allow,
    scanIntervalS: set.scan_interval,
    pollIntervalS: set.poll_interval,
    queueDir: resolve(origin.queue_dir || !file ? cwd : dirname(file), set.queue_dir),
    credentials: set.credentials,
    logLevel: set.log_level,
    warnings,
  };
}

/** The key, or AgentFailure (exit 1, as the agent before ours) naming AGENT_API_KEY. */
export function requireApiKey(config: AgentConfig): string {
  if (config.apiKey === null) throw new AgentFailure((say) => say.noApiKey, EXIT.failed);
  return config.apiKey;
}

function findFile(flag: ConfigFlags['config'], cwd: string, programDir: string): string | null {
  if (typeof flag === 'string') {
    const file = resolve(cwd, flag);
    if (!existsSync(file)) throw new AgentFailure((say) => say.noConfigFile(file));
    return file;
  }
  const places = [join(programDir, 'config.json'), join(cwd, 'config.json')];
  return places.find((place) => existsSync(place)) ?? null;
}

function readFile(file: string): Record<string, unknown> {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new AgentFailure((say) => say.configUnreadable(file, String(error)));
  }
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      return { ...value };
    }
  } catch (error) {
    throw new AgentFailure((say) => say.configNotJson(file, (error as Error).message));
  }
  throw new AgentFailure((say) => say.configNotJson(file, '{ … }'));
}

const isSetting = (key: string): key is Setting => (SETTINGS as string[]).includes(key);

const flagOf = (setting: Setting): string =>
  setting === 'network_cidr' ? '--network' : `--${setting.replaceAll('_', '-')}`;

const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '[::1]' || host.startsWith('127.');

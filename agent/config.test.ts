import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadConfig, requireApiKey } from './config.ts';
import type { ConfigFlags } from './config.ts';
import { AgentFailure } from './failure.ts';
import { en, ru } from './messages.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'agent-config-'));
});
afterEach(() => {
  rmSync(dir, { recursive: true });
});

function load(
  file: object | string | null,
  env: Record<string, string> = {},
  flags: ConfigFlags = {},
) {
  if (file !== null) {
    const text = typeof file === 'string' ? file : JSON.stringify(file);
    writeFileSync(join(dir, 'config.json'), text, { mode: 0o600 });
  }
  return loadConfig({ flags, env, cwd: dir, programDir: join(dir, 'program') });
}

describe('configuration', () => {
  it('has the defaults of the agent before ours', () => {
    const config = load(null);
    expect(config).toMatchObject({
      file: null,
      serverUrl: 'http://localhost:8000',
      apiKey: null,
      scanIntervalS: 300,
      pollIntervalS: 60,
      queueDir: join(dir, 'queue'),
      logLevel: 'info',
      warnings: [],
    });
    expect(config.addresses.ranges).toEqual(['192.168.1.0/24']);
  });

  it('reads the config.json and the variables of the agent before ours', () => {
    const old = {
      server_url: 'https://server.example/',
      api_key: 'k',
      network_cidr: '10.0.0.0/24',
      scan_interval: 120,
      poll_interval: 30,
    };
    const fromFile = load(old);
    expect(fromFile).toMatchObject({
      serverUrl: 'https://server.example',
      apiKey: 'k',
      scanIntervalS: 120,
      pollIntervalS: 30,
    });
    const fromEnv = load(null, {
      AGENT_SERVER_URL: 'https://other.example',
      AGENT_API_KEY: 'e',
      AGENT_NETWORK: '10.1.0.0/24, 10.2.0.1',
      AGENT_SCAN_INTERVAL: '60',
      AGENT_POLL_INTERVAL: '15',
    });
    expect(fromEnv).toMatchObject({ apiKey: 'e', scanIntervalS: 60, pollIntervalS: 15 });
    expect(fromEnv.addresses.ranges).toEqual(['10.1.0.0/24', '10.2.0.1']);
  });

  it('takes flag over environment over file', () => {
    const file = { poll_interval: 10, scan_interval: 10, log_level: 'warn' };
    const env = { AGENT_SCAN_INTERVAL: '20', AGENT_LOG_LEVEL: 'error' };
    const config = load(file, env, { log_level: 'debug' });
    expect(config).toMatchObject({ pollIntervalS: 10, scanIntervalS: 20, logLevel: 'debug' });
  });

  it('refuses an unknown key by name, with the nearest known one', () => {
    expect(() => load({ pol_interval: 60 })).toThrow(
      /"pol_interval"; did you mean "poll_interval"/,
    );
    expect(() => load({ colour: 1 })).toThrow(/unknown setting "colour"$/);
  });

  it('warns of a variable that is nearly a setting, and ignores others', () => {
    const config = load(null, { AGENT_POLLINTERVAL: '5', AGENT_HOME: '/x' });
    expect(config.warnings.map((say) => say(en))).toEqual([
      'AGENT_POLLINTERVAL is not a setting; did you mean AGENT_POLL_INTERVAL?',
    ]);
  });

  it.each([
    [{ server_url: 'ftp://x' }, /^server_url \(.*config\.json\) is not valid.*https/],
    [{ poll_interval: 0 }, /^poll_interval/],
    [{ poll_interval: 1.5 }, /^poll_interval/],
    [{ allow: ['everything'] }, /^allow .*loopback, public, large/],
    [{ network_cidr: [] }, /^network_cidr/],
    [{ credentials: { antminer: 'root' } }, /^credentials/],
    [{ api_key: 7 }, /^api_key/],
    ['{ not json', /is not a JSON object/],
    ['[]', /is not a JSON object/],
    [{ network_cidr: '127.0.0.0/24' }, /loopback/],
  ])('refuses %j', (file, message) => {
    expect(() => load(file)).toThrow(message);
  });

  it('names the variable when the environment is wrong', () => {
    expect(() => load(null, { AGENT_POLL_INTERVAL: 'often' })).toThrow(
      /poll_interval \(AGENT_POLL_INTERVAL\)/,
    );
  });

  it('looks beside the program first, and refuses a --config that is not there', () => {
    const config = load({ poll_interval: 10 });
    expect(config.file).toBe(join(dir, 'config.json'));
    expect(() => load(null, {}, { config: 'other.json' })).toThrow(/other\.json does not exist/);
  });

  it('resolves queue_dir against the file that names it, and else against the working folder', () => {
    expect(load({ queue_dir: 'held' }).queueDir).toBe(join(dir, 'held'));
    expect(load(null, { AGENT_QUEUE_DIR: 'env' }).queueDir).toBe(join(dir, 'env'));
  });

  it('warns when others can read the secrets', () => {
    load({ api_key: 'k', server_url: 'https://x.example' });
    chmodSync(join(dir, 'config.json'), 0o644);
    const { warnings } = load(null);
    expect(warnings.map((say) => say(en))).toEqual([
      expect.stringContaining(`chmod 600 ${join(dir, 'config.json')}`),
    ]);
  });

  it('warns when the key would travel in the clear', () => {
    const [warning] = load({ server_url: 'http://10.0.0.1:8000' }).warnings;
    expect(warning?.(en)).toContain('not encrypted');
    expect(load({ server_url: 'http://127.0.0.1:8000' }).warnings).toEqual([]);
  });

  it('without a key ends with status 1, naming AGENT_API_KEY in either language', () => {
    const thrown = catching(() => requireApiKey(load(null)));
    expect(thrown.exitCode).toBe(1);
    expect(thrown.message).toContain('AGENT_API_KEY');
    expect(thrown.say(ru)).toContain('AGENT_API_KEY');
  });
});

function catching(work: () => unknown): AgentFailure {
  try {
    work();
  } catch (error) {
    if (error instanceof AgentFailure) return error;
  }
  throw new Error('no AgentFailure');
}

import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { ConfigError, readConfig } from './config.ts';

const required = {
  DATABASE_URL: 'postgres://hashyard:secret@postgres:5432/hashyard',
  INFLUX_URL: 'http://influxdb:8086',
};

/** The server's variables as Compose hands them over, with these settings in `.env`. */
function fromCompose(dotEnv: Record<string, string>): NodeJS.ProcessEnv {
  const compose = readFileSync(new URL('../docker-compose.yml', import.meta.url), 'utf8');
  const [, server = ''] = /^ {2}server:\n([\s\S]*?)^ {2}grafana:/m.exec(compose) ?? [];
  const found = [...server.matchAll(/^ {6}([A-Z_]+): (.*)$/gm)].map(([, name = '', value = '']) => [
    name,
    value.replaceAll(
      /\$\{(\w+)(?::[-?]([^}]*))?\}/g,
      (_, key, fallback) => dotEnv[key] ?? fallback,
    ),
  ]);
  return Object.fromEntries(found.filter(([name]) => !name?.endsWith('_FILE')));
}

test('Compose starts the server with nothing but the required settings', () => {
  const env = fromCompose({ PUBLIC_URL: 'http://farm:8000', GRAFANA_URL: 'http://farm:3000' });
  expect(Object.keys(env)).toContain('TRUST_PROXY');
  const config = readConfig({ ...env, DATABASE_URL: required.DATABASE_URL });
  expect(config).toMatchObject({ publicUrl: 'http://farm:8000', trustProxy: [], logLevel: 'info' });
});

test('an empty variable is one that is not set', () => {
  const empty = { TRUST_PROXY: '', PUBLIC_URL: '', PORT: '', LOG_LEVEL: '', INFLUX_USER: '' };
  expect(readConfig({ ...required, ...empty })).toEqual(readConfig(required));
  expect(() => readConfig({ ...required, DATABASE_URL: '' })).toThrow('DATABASE_URL is not set');
});

const trusted = (TRUST_PROXY: string) => readConfig({ ...required, TRUST_PROXY }).trustProxy;

test('reverse proxies are addresses and ranges', () => {
  expect(trusted('172.18.0.1, 10.0.0.0/8,fd00::/8')).toEqual([
    '172.18.0.1',
    '10.0.0.0/8',
    'fd00::/8',
  ]);
  for (const wrong of ['proxy.example', '10.0.0.0/33', '1.2.3.4,,x']) {
    expect(() => trusted(wrong)).toThrow(/^TRUST_PROXY: expected addresses/);
  }
});

test.each([
  ['PORT', 'http', 'PORT: expected a number from 0 to 65535'],
  ['PORT', '65536', 'PORT: expected a number from 0 to 65535'],
  ['INFLUX_DATABASE', 'a-b', 'INFLUX_DATABASE: expected letters, digits and _'],
  ['PUBLIC_URL', 'farm:8000', 'PUBLIC_URL: expected https://host'],
  ['LOG_LEVEL', 'loud', 'LOG_LEVEL: Invalid option'],
])('%s=%s is refused by name, with what is expected', (name, value, sentence) => {
  expect(() => readConfig({ ...required, [name]: value })).toThrow(sentence);
});

test.each([
  ['DATABASE_URL', 'mysql://hashyard:hunter22@db/x'],
  ['INFLUX_URL', 'http://hashyard:hunter22@influxdb:8086'],
])('a refusal never repeats a secret: %s', (name, value) => {
  const broken = { ...required, [name]: value };
  const failure = (() => {
    try {
      return readConfig(broken);
    } catch (error) {
      return error;
    }
  })();
  expect(failure).toBeInstanceOf(ConfigError);
  expect(String(failure)).toContain(name);
  expect(String(failure)).not.toContain('hunter22');
});

import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import {
  configFile,
  download,
  isLoopback,
  oneLine,
  START_BY_HAND,
  START_DOCKER,
} from './install-texts.ts';

const serverUrl = 'http://10.0.0.5:8000';

test('config.json has the names that agents read, whatever is typed as the network', () => {
  const network = '10.0.0.0/22"\n';
  const text = configFile({ serverUrl, apiKey: 'hy_a_b', network });
  expect(JSON.parse(text)).toEqual({
    server_url: serverUrl,
    api_key: 'hy_a_b',
    network_cidr: network,
  });
});

test('no command asks for the key: it would stay in the history of the shell', () => {
  const commands = [
    oneLine({ serverUrl, network: '10.0.0.0/24' }),
    download({ serverUrl, sha256: 'ab' }),
    START_BY_HAND,
    START_DOCKER,
  ];
  for (const text of commands) expect(text).not.toMatch(/hy_|api_key/i);
});

test.each(['10.0.0.0/24', `'; echo broken out; '`, '$(echo no)'])(
  'the shell hands the network on as it was typed: %s',
  (network) => {
    // The same command with other programs in the places of curl, sudo and sh.
    const command = oneLine({ serverUrl, network })
      .replace('curl -fsSL', 'echo')
      .replace('| sudo', '| env')
      .replace(/ sh$/, ` sh -c 'printf %s "$AGENT_NETWORK"'`);
    expect(execFileSync('sh', ['-c', command], { encoding: 'utf8' })).toBe(network);
  },
);

test.each([
  ['localhost', true],
  ['127.0.0.1', true],
  ['127.20.0.5', true],
  ['[::1]', true],
  ['10.0.0.5', false],
  ['hashyard.example', false],
])('%s: only this machine understands it: %s', (host, expected) => {
  expect(isLoopback(host)).toBe(expected);
});

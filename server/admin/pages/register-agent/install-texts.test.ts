import { expect, test } from 'vitest';
import {
  configFile,
  isLoopback,
  START_BY_HAND,
  START_DOCKER,
  START_SERVICE,
} from './install-texts.ts';

test('config.json has the names that agents read, whatever is typed as the network', () => {
  const network = '10.0.0.0/22"\n';
  const text = configFile({ serverUrl: 'http://10.0.0.5:8000', apiKey: 'hy_a_b', network });
  expect(JSON.parse(text)).toEqual({
    server_url: 'http://10.0.0.5:8000',
    api_key: 'hy_a_b',
    network_cidr: network,
    scan_interval: 300,
    poll_interval: 60,
  });
});

test('no command asks for the key: it would stay in the history of the shell', () => {
  for (const commands of [START_BY_HAND, START_SERVICE, START_DOCKER]) {
    expect(commands).not.toMatch(/hy_|api_key/i);
  }
});

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

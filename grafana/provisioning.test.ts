import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';

const read = (path: string) => readFile(new URL(`../${path}`, import.meta.url), 'utf8');
const unique = (found: Iterable<RegExpMatchArray>) =>
  [...new Set([...found].map(([, name = '']) => name))].sort();

const CHANNELS = ['email', 'telegram', 'webhook', 'slack'];

test('docker-compose.yml gives Grafana every variable its data sources and contact points read', async () => {
  const files = await Promise.all([
    read('grafana/provisioning/datasources/hashyard.yaml'),
    ...CHANNELS.map((name) => read(`grafana/contact-points/${name}/contact-point.json`)),
  ]);
  const wanted = unique(files.join('\n').matchAll(/\$\{(HASHYARD_\w+)\}/g));
  const given = unique((await read('docker-compose.yml')).matchAll(/^ {6}(HASHYARD_\w+):/gm));
  expect(wanted.length).toBeGreaterThan(5);
  expect(given).toEqual(wanted);
});

test('.env.example names every variable of docker-compose.yml, and no other', async () => {
  const used = unique((await read('docker-compose.yml')).matchAll(/(?<!\$)\$\{([A-Z_]+)/g));
  const named = unique((await read('.env.example')).matchAll(/^#?([A-Z_]+)=/gm));
  expect(named).toEqual(used);
});

test('every secret of docker-compose.yml is a file, and one that the documented commands make', async () => {
  const compose = await read('docker-compose.yml');
  const secrets = unique(compose.matchAll(/^ {2}(\w+): \{ file: \.\/secrets\/\1 \}$/gm));
  const used = unique(compose.matchAll(/\/run\/secrets\/(\w+)/g));
  expect(used).toEqual(secrets);
  for (const page of ['README.md', 'README.ru.md', 'docs/operating.md', 'docs/ru/operating.md']) {
    const text = await read(page);
    expect(secrets.filter((name) => !text.includes(name))).toEqual([]);
  }
});

test('docker-compose.yml lays a contact point over the empty one for each channel that is set up, and for no other', async () => {
  const compose = await read('docker-compose.yml');
  const laid = [
    ...compose.matchAll(/contact-points\/\$\{\w+:\+(\w+)\/\}contact-point\.json:(\S+):ro/g),
  ];
  expect(laid.map(([, name]) => name)).toEqual(CHANNELS);
  for (const [, name = '', target = ''] of laid) {
    expect(target).toBe(`/etc/grafana/provisioning/alerting/contact-${name}.json`);
    // Docker cannot make the place in a folder that is mounted read-only.
    const empty = await read(`grafana/provisioning/alerting/contact-${name}.json`);
    expect(JSON.parse(empty)).toEqual({ apiVersion: 1 });
  }
  expect(JSON.parse(await read('grafana/contact-points/contact-point.json'))).toEqual({
    apiVersion: 1,
  });
});

import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { onlyFamilies } from './all-models.ts';
import { startFarm } from './farm.ts';
import type { Farm } from './farm.ts';

const AGENT = join(import.meta.dirname, '../agent/main.ts');
const MINERS = 150;
/** Fewer than two for each of the 128 devices that a scan asks at once, with what the process itself needs. */
const HANDLES = 90;
/** A /24 of this process. */
const RANGE = `127.${160 + (process.pid & 31)}.${(process.pid >> 5) & 255}.0/24`;

let farm: Farm | undefined;
beforeAll(async () => {
  // Auradine is read over HTTP on a port that needs no privilege.
  const models = onlyFamilies(['antminer-stock', 'auradine', 'whatsminer'])!;
  farm = await startFarm({ range: RANGE, miners: MINERS, seed: 1, models, latency: 'real' });
});
afterAll(() => farm?.close());

it('a scan with hardly any handles is slow, and loses nobody', async () => {
  const command = `ulimit -n ${HANDLES}; exec "$0" "$@"`;
  const flags = ['scan', '--json', '--network', RANGE, '--allow', 'loopback'];
  const stdout = await new Promise<string>((resolve, reject) => {
    execFile(
      '/bin/sh',
      ['-c', command, process.execPath, AGENT, ...flags],
      { maxBuffer: 64 * 1024 * 1024, cwd: import.meta.dirname },
      (error, text) => (error && error.code !== 3 ? reject(error) : resolve(text)),
    );
  });
  const { miners } = JSON.parse(stdout) as { miners: { host: string; family: string }[] };
  const found = new Map(miners.map(({ host, family }) => [host, family]));
  const missed = farm!.miners.filter(({ ip, family }) => found.get(ip) !== family);
  expect(
    missed.map(({ ip, family }) => `${ip} ${family} taken for ${found.get(ip) ?? '-'}`),
  ).toEqual([]);
}, 60_000);

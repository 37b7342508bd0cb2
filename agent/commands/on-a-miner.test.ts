import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import * as z from 'zod';
import { cgminer } from '../testing/loopback-device.ts';

const AGENT = join(import.meta.dirname, '../main.ts');
const RECORDING = '../families/avalon/recordings/a15.json';
const recorded = z.object({ replies: z.record(z.string(), z.string()) });
/** An address of this process, beside those of the simulator's tests. */
const HOST = `127.${32 + (process.pid & 15)}.${(process.pid >> 4) & 255}.1`;

const { replies } = recorded.parse(
  JSON.parse(readFileSync(join(import.meta.dirname, RECORDING), 'utf8')),
);
const device = createServer(cgminer(replies).tcp);
let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hashyard-commands-'));
  device.listen(4028, HOST);
  await once(device, 'listening');
});
afterAll(async () => {
  device.close();
  await rm(folder, { recursive: true });
});

function agent(...args: string[]): Promise<{ code: number; stdout: string }> {
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [AGENT, ...args, '--allow', 'loopback', '--network', HOST, '--queue-dir', folder],
      { cwd: folder, env: { PATH: process.env['PATH'] } },
      (error, stdout) => resolve({ code: Number(error?.code ?? 0), stdout }),
    );
  });
}

interface Finding {
  check: string;
  ok: boolean;
  text: string;
  remedy: string | null;
}

async function findings(): Promise<Finding[]> {
  const { stdout } = await agent('check', '--json');
  return (JSON.parse(stdout) as { findings: Finding[] }).findings;
}

it('probe: by what it was recognised, each value with unit and place, what is missing, each request', async () => {
  const { code, stdout } = await agent('probe', HOST, '--json');
  expect(code).toBe(0);
  const told = JSON.parse(stdout) as { fields: { field: string }[]; missing: string[] };
  expect(told.missing.length).toBeGreaterThan(0);
  expect(told).toMatchObject({
    family: 'avalon',
    evidence: expect.arrayContaining(['4028: AVALON']),
  });
  expect(told.fields.find(({ field }) => field === 'power.watts')).toEqual({
    field: 'power.watts',
    value: 3150,
    unit: 'W',
    from: ['stats STATS.0.MM ID0'],
  });
  expect(told).toMatchObject({
    exchanges: expect.arrayContaining([expect.objectContaining({ request: '4028 version' })]),
  });
  const { stdout: table } = await agent('probe', HOST);
  expect(table).toMatch(/power\.watts +3150 +W +stats STATS\.0\.MM ID0/);
  expect(table).toMatch(/4028 version +\d+ ms/);
});

it('check reads one miner that is known, and says so when it does not answer', async () => {
  expect((await findings()).find(({ check }) => check === 'miner')).toMatchObject({ ok: true });

  const known = {
    host: HOST,
    port: 4028,
    family: 'avalon',
    identity: { make: 'Avalon', model: '15-186' },
  };
  const write = (port: number) =>
    writeFile(
      join(folder, 'miners.json'),
      JSON.stringify([{ ...known, port, foundAt: Date.now() }]),
    );
  await write(4028);
  const read = (await findings()).find(({ check }) => check === 'miner');
  expect(read).toMatchObject({ ok: true, text: expect.stringContaining('150.9 TH/s') });
  // Nothing listens there.
  await write(80);
  const silent = (await findings()).find(({ check }) => check === 'miner');
  expect(silent).toMatchObject({ ok: false, remedy: expect.stringContaining(`probe ${HOST}`) });

  await chmod(folder, 0o755);
  const mode = (await findings()).filter(({ check }) => check === 'mode');
  expect(mode).toContainEqual(
    expect.objectContaining({ ok: false, remedy: `chmod 700 ${folder}` }),
  );
});

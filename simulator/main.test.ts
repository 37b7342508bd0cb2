import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { ask, freshRange } from './raw-client.ts';

const MAIN = fileURLToPath(new URL('main.ts', import.meta.url));
const run = promisify(execFile);
const COUNTS = ['--miners', '4', '--seed', '9', '--strangers', '1', '--http-port', '8083'];

interface Ready {
  event: string;
  miners: { ip: string; port: number; family: string; identifiable: boolean }[];
}

test('says on one line who listens, and ends on SIGTERM', async () => {
  const simulator = spawn(
    process.execPath,
    // With miners that come and go the farm has a timer, which must not outlive it.
    [MAIN, '--range', freshRange(), '--faults', 'move', ...COUNTS],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  try {
    const lines: string[] = [];
    const reader = createInterface(simulator.stdout);
    reader.on('line', (line) => lines.push(line));
    await once(reader, 'line');
    const ready = JSON.parse(lines[0] ?? '') as Ready;
    expect(ready.event).toBe('ready');
    expect(ready.miners.map((miner) => miner.identifiable)).toEqual([
      true,
      true,
      true,
      true,
      false,
    ]);
    expect(await ask(ready.miners[0]?.ip ?? '', 'version')).toContain('Antminer S19j Pro');
    const ended = once(simulator, 'exit');
    simulator.kill('SIGTERM');
    expect(await ended).toEqual([0, null]);
    expect(lines).toHaveLength(1);
  } finally {
    simulator.kill('SIGKILL');
  }
});

test('a farm of some families only', async () => {
  const simulator = spawn(
    process.execPath,
    [MAIN, '--range', freshRange(), ...COUNTS, '--models', 'epic,iceriver'],
    { stdio: ['ignore', 'pipe', 'ignore'] },
  );
  try {
    const reader = createInterface(simulator.stdout);
    const [line] = (await once(reader, 'line')) as [string];
    const { miners } = JSON.parse(line) as Ready;
    expect(miners.map(({ family, port }) => [family, port])).toEqual([
      ['epic', 4028],
      ['iceriver', 4111],
      ['epic', 4028],
      ['iceriver', 4111],
      ['web-server', 8083],
    ]);
  } finally {
    simulator.kill('SIGKILL');
  }
});

test.each([
  [['--range', '192.168.1.0/24'], 'give one such as 127.20.0.0/24'],
  [['--faults', 'fire'], '"fire" is no fault'],
  [['--miners', 'many'], 'a whole number'],
  [['--models', 'bitaxe,toaster'], '"bitaxe,toaster" is no mix'],
])('refuses %j and says why', async (flags, why) => {
  await expect(run(process.execPath, [MAIN, ...flags])).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringContaining(why) as unknown,
  });
});

test('explains itself with examples', async () => {
  const { stdout } = await run(process.execPath, [MAIN, '--help']);
  expect(stdout).toContain('Examples:');
});

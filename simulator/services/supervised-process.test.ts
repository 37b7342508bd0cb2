import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startSupervised } from './supervised-process.ts';

let dir = '';
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'hashyard-supervised-'));
});
afterAll(() => rm(dir, { recursive: true }));

function shell(script: string, name: string, onLine?: (line: string) => void) {
  return startSupervised({
    command: '/bin/sh',
    args: ['-c', script],
    cwd: dir,
    env: { PATH: process.env['PATH'] },
    logFile: join(dir, `${name}.log`),
    stopSignal: 'TERM',
    ...(onLine ? { onLine } : {}),
  });
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

test('stop lets it end in order and waits for that', async () => {
  const ready = Promise.withResolvers<void>();
  const started = await shell(
    'trap "echo goodbye; exit 3" TERM; echo ready; while :; do sleep 0.05; done',
    'orderly',
    () => ready.resolve(),
  );
  await ready.promise;
  await started.stop();
  expect(await started.exited).toBe(3);
  expect(started.logTail()).toContain('goodbye');
});

test('an end of its own is reported with its exit code', async () => {
  const started = await shell('echo no such option >&2; exit 7', 'own');
  expect(await started.exited).toBe(7);
  expect(started.hasExited()).toBe(true);
  expect(started.logTail()).toBe('no such option');
  await started.stop();
});

test('kill ends it at once, without asking', async () => {
  const pid = Promise.withResolvers<number>();
  const started = await shell(
    'trap "echo asked" TERM; echo $$; while :; do sleep 0.05; done',
    'killed',
    (line) => pid.resolve(Number(line)),
  );
  const child = await pid.promise;
  await started.kill();
  expect(isAlive(child)).toBe(false);
  expect(started.logTail()).not.toContain('asked');
});

test('a signal reaches it, and it can still be stopped', async () => {
  const lines: string[] = [];
  const ready = Promise.withResolvers<void>();
  const heard = Promise.withResolvers<void>();
  const started = await shell(
    'trap "echo heard" USR2; trap "exit 4" TERM; echo ready; while :; do sleep 0.05; done',
    'signalled',
    (line) => {
      lines.push(line);
      (line === 'ready' ? ready : heard).resolve();
    },
  );
  await ready.promise;
  expect(isAlive(started.pid() ?? 0)).toBe(true);
  started.signal('STOP');
  started.signal('CONT');
  started.signal('USR2');
  await heard.promise;
  await started.stop();
  expect(lines).toEqual(['ready', 'heard']);
  expect(started.pid()).toBe(null);
  expect(await started.exited).toBe(4);
});

test('it does not outlive its starter, not even one killed by force', async () => {
  const starter = spawn(
    process.execPath,
    [
      '--input-type=module-typescript',
      '--eval',
      `import { startSupervised } from ${JSON.stringify(import.meta.resolve('./supervised-process.ts'))};
       await startSupervised({
         command: '/bin/sh', args: ['-c', 'echo $$; exec sleep 600'], cwd: '/', env: process.env,
         logFile: process.argv[1], stopSignal: 'TERM',
         onLine: (line) => process.stdout.write(line),
       });`,
      join(dir, 'orphan.log'),
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const [line] = (await once(starter.stdout, 'data')) as [Buffer];
  const child = Number(line.toString());
  expect(isAlive(child)).toBe(true);
  starter.kill('SIGKILL');
  await once(starter, 'exit');
  while (isAlive(child)) await sleep(20);
  expect(await readFile(join(dir, 'orphan.log'), 'utf8')).toBe(`${child}\n`);
});

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { QueueLimits } from '../../../agent/queue/folder.ts';

/** What writer.ts is told. */
export interface WriterSettings {
  queueDir: string;
  /** The first batch is of the second after this one; each holds one second. */
  firstS: number;
  samples: number;
  /** null: until it is ended. */
  batches: number | null;
  /** After every so many batches the oldest is acknowledged; 0: never. */
  ackEvery: number;
  /** Pause between two batches. */
  everyMs: number;
  limits?: Partial<QueueLimits>;
}

/** What the writer has said. */
export interface WriterLedger {
  /** On disk for good. */
  kept: Set<number>;
  /** About to be acknowledged, or acknowledged. */
  acking: Set<number>;
  acked: Set<number>;
}

/** A process with a queue. It does nothing before `go`. */
export interface Writer extends AsyncDisposable {
  /** The thread that makes all its calls to the file system. */
  tid: number;
  ledger: WriterLedger;
  go(): void;
  kill(): void;
  /** Resolves when it has ended: true when by itself, after its last batch. */
  ended: Promise<boolean>;
  /** Everything it has printed to standard error. */
  errors(): string;
}

/** `project`: the build whose queue it is; `cache`: folder for what Node has compiled. Resolves when it is ready to go. */
export async function startWriter(
  settings: WriterSettings,
  { project, cache }: { project: string; cache: string },
): Promise<Writer> {
  const child = spawn(
    process.execPath,
    [join(project, 'tests/faults/disk/writer.ts'), JSON.stringify(settings)],
    {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: { UV_THREADPOOL_SIZE: '1', NODE_COMPILE_CACHE: cache, TZ: 'UTC' },
    },
  );
  const ledger: WriterLedger = { kept: new Set(), acking: new Set(), acked: new Set() };
  let errors = '';
  let isDone = false;
  // Killed before it read what we said.
  child.stdin.on('error', () => undefined);
  child.stderr.on('data', (bytes: Buffer) => {
    errors += bytes.toString();
  });
  const closed = once(child, 'close');
  const lines = createInterface({ input: child.stdout });
  const ready = new Promise<number>((resolve) => {
    lines.on('line', (line) => {
      const [kind, number] = line.split(' ');
      const value = Number(number);
      if (kind === 'R') resolve(value);
      else if (kind === 'A') ledger.kept.add(value);
      else if (kind === 'T') ledger.acking.add(value);
      else if (kind === 'D') ledger.acked.add(value);
      else if (kind === 'E') isDone = true;
    });
  });
  const ended = closed.then(() => isDone);
  const tid = await Promise.race([
    ready,
    ended.then(() => {
      throw new Error(`The writer did not start: ${errors}`);
    }),
  ]);
  return {
    tid,
    ledger,
    go: () => void child.stdin.write('go\n'),
    kill: () => void child.kill('SIGKILL'),
    ended,
    errors: () => errors,
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await closed;
    },
  };
}

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
  /** How often it looks whether a disk that refused has healed. */
  healEveryMs: number;
}

/** What the writer has said. */
export interface WriterLedger {
  /** On disk for good. */
  kept: Set<number>;
  /** In memory at first, for the disk refused. */
  inMemory: Set<number>;
  /** Neither: append has rejected. */
  refused: Set<number>;
  /** About to be acknowledged, or acknowledged. */
  acking: Set<number>;
  acked: Set<number>;
  /** As of the last append. */
  state: string;
  /** The most there ever was. */
  most: { batches: number; bytes: number };
}

/** A process with a queue. It does nothing before `go`. */
export interface Writer extends AsyncDisposable {
  /** The thread that makes all its calls to the file system. */
  tid: number;
  ledger: WriterLedger;
  go(): void;
  /** Closes the queue and ends. */
  stop(): void;
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
  const ledger: WriterLedger = {
    kept: new Set(),
    inMemory: new Set(),
    refused: new Set(),
    acking: new Set(),
    acked: new Set(),
    state: 'disk',
    most: { batches: 0, bytes: 0 },
  };
  const sets: Record<string, Set<number>> = {
    A: ledger.kept,
    M: ledger.inMemory,
    N: ledger.refused,
    T: ledger.acking,
    D: ledger.acked,
  };
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
      const [kind = '', first = '', batches, bytes] = line.split(' ');
      sets[kind]?.add(Number(first));
      if (kind === 'R') resolve(Number(first));
      else if (kind === 'E') isDone = true;
      else if (kind === 'S') {
        ledger.state = first;
        ledger.most.batches = Math.max(ledger.most.batches, Number(batches));
        ledger.most.bytes = Math.max(ledger.most.bytes, Number(bytes));
      }
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
    stop: () => void child.stdin.write('stop\n'),
    kill: () => void child.kill('SIGKILL'),
    ended,
    errors: () => errors,
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await closed;
    },
  };
}

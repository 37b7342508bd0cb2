import { AsyncLocalStorage } from 'node:async_hooks';
import { readdirSync, statSync } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';

type FileSystem = typeof import('node:fs/promises');

/** The calls that change a disk. */
export const CHANGES: readonly string[] = [
  'create',
  'write',
  'sync',
  'utimes',
  'rename',
  'unlink',
  'rm',
  'mkdir',
];
const BLOCK_BYTES = 4096;

/** How a disk is; it outlives the runs on it. */
export interface DiskState {
  /** Changes that fail, and with which code. */
  refuses: { changes: ReadonlySet<string>; code: string } | null;
  /** The n-th change from now fails with EIO; 0: none. */
  failIn: number;
  /** In whole blocks; null: without end. */
  capacityBytes: number | null;
}

/** One run of a program on a faulty disk, from its start to its end or its crash. */
export interface Run {
  dir: string;
  disk: DiskState;
  /** The n-th call from now crashes the run: neither it nor any later one returns. 0: none. */
  crashIn: number;
  crashed: Promise<'crashed'>;
  /** Of a run that has crashed: nothing it began can change the disk any more. */
  settled(): Promise<void>;
  /** Around each call to the real disk; never resolves after the crash, rejects when the call is to fail. */
  enter(call: string): Promise<void>;
  leave(): void;
  handles: Set<FileHandle>;
}

/** What is called inside of `runs.run(…)` lives on the disk of that run, everything else on the real one. */
export const runs = new AsyncLocalStorage<Run>();

const never = <T>(): Promise<T> => new Promise<T>(() => undefined);
const refusal = (code: string, call: string): Error =>
  Object.assign(new Error(`${code}: ${call} (made up)`), { code });

/** A run that has not begun. */
export function newRun(dir: string, disk: DiskState): Run {
  const crash = Promise.withResolvers<'crashed'>();
  let isDead = false;
  let underWay = 0;
  let idle: (() => void) | null = null;
  const run: Run = {
    dir,
    disk,
    crashIn: 0,
    crashed: crash.promise,
    handles: new Set(),
    async enter(call) {
      if (isDead) return never();
      if (run.crashIn > 0) {
        run.crashIn -= 1;
        if (run.crashIn === 0) {
          isDead = true;
          crash.resolve('crashed');
          return never();
        }
      }
      if (CHANGES.includes(call)) {
        let fails = disk.refuses?.changes.has(call) ?? false;
        if (disk.failIn > 0) {
          disk.failIn -= 1;
          fails ||= disk.failIn === 0;
        }
        if (fails) throw refusal(disk.refuses?.code ?? 'EIO', call);
      }
      underWay += 1;
    },
    leave() {
      underWay -= 1;
      if (underWay === 0) idle?.();
    },
    async settled() {
      if (underWay > 0) {
        await new Promise<void>((resolve) => {
          idle = resolve;
        });
      }
      for (const handle of run.handles) await handle.close().catch(() => undefined);
    },
  };

  return run;
}

/** Bytes in whole blocks that the files of a folder take. */
export function usedBytes(dir: string): number {
  let blocks = 0;
  for (const entry of readdirSync(dir, { withFileTypes: true, recursive: true })) {
    if (!entry.isFile()) continue;
    const there = statSync(join(entry.parentPath, entry.name), { throwIfNoEntry: false });
    blocks += Math.ceil((there?.size ?? 0) / BLOCK_BYTES);
  }
  return blocks * BLOCK_BYTES;
}

/** A call to the real disk as part of a run. */
async function through<T>(call: string, work: () => Promise<T>): Promise<T> {
  const run = runs.getStore();
  if (!run) return work();
  await run.enter(call);
  try {
    return await work();
  } finally {
    run.leave();
  }
}
const wrapped =
  <A extends unknown[], T>(call: string, work: (...args: A) => Promise<T>) =>
  (...args: A) =>
    through(call, () => work(...args));

/** In two calls, for a crash may come in the middle. */
async function write(run: Run, handle: FileHandle, bytes: Uint8Array | string): Promise<void> {
  const half = Math.floor(bytes.length / 2);
  await through('write', async () => {
    const { capacityBytes } = run.disk;
    const needed = Math.ceil(Buffer.byteLength(bytes) / BLOCK_BYTES) * BLOCK_BYTES;
    if (capacityBytes !== null && usedBytes(run.dir) + needed > capacityBytes) {
      throw refusal('ENOSPC', 'write');
    }
    await handle.writeFile(bytes.slice(0, half));
  });
  await through('write', () => handle.writeFile(bytes.slice(half)));
}

function faultyHandle(run: Run, handle: FileHandle): FileHandle {
  run.handles.add(handle);
  const changed: Partial<FileHandle> = {
    writeFile: (bytes) => write(run, handle, bytes as Uint8Array | string),
    sync: () => through('sync', () => handle.sync()),
    utimes: (...times) => through('utimes', () => handle.utimes(...times)),
    close: () =>
      through('close', () => {
        run.handles.delete(handle);
        return handle.close();
      }),
  };
  return new Proxy(handle, {
    get(target, name) {
      const own = changed[name as keyof FileHandle];
      if (own) return own;
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

/** `node:fs/promises` as code inside of a run sees it. */
export function faulty(real: FileSystem): FileSystem {
  return {
    ...real,
    async open(path, flags, mode) {
      const run = runs.getStore();
      const call = typeof flags === 'string' && flags !== 'r' ? 'create' : 'open';
      const handle = await through(call, () => real.open(path, flags, mode));
      return run ? faultyHandle(run, handle) : handle;
    },
    rename: wrapped('rename', real.rename),
    unlink: wrapped('unlink', real.unlink),
    rm: wrapped('rm', real.rm),
    lstat: wrapped('stat', real.lstat) as FileSystem['lstat'],
    stat: wrapped('stat', real.stat) as FileSystem['stat'],
    mkdir: wrapped('mkdir', real.mkdir) as FileSystem['mkdir'],
    readdir: wrapped('readdir', real.readdir) as FileSystem['readdir'],
    readFile: wrapped('read', real.readFile) as FileSystem['readFile'],
  };
}

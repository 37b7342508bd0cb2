import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { inParallel } from '../../../agent/pool.ts';
import { shuffled } from '../../../simulator/random.ts';
import { PROJECT } from '../../../simulator/services/project.ts';
import { makeBuild } from '../builds/build.ts';
import { NOTHING_IN_MEMORY } from '../builds/patches.ts';
import { isNamed, readFolder } from '../disk/folder.ts';
import { killPointsOf, WAKE } from '../disk/kill-points.ts';
import { judgeNextStart } from '../disk/next-start.ts';
import { makeExt4, mountImage, mountLeftOut } from '../disk/small-disk.ts';
import { startWriter, type Writer, type WriterSettings } from '../disk/start-writer.ts';
import { attach, findStrace, straceLeftOut } from '../disk/strace.ts';
import { until } from '../rig/until.ts';
import type { FaultRow, Outcome, RunOptions } from '../row.ts';

const SAMPLES = 20;
const FIRST_S = 1_770_000_000;
const DISK_BYTES = 32 * 1024 ** 2;
const AT_ONCE = 3;
/** What the queue may hold while the disk refuses. */
const MOST_BATCHES = 50;
const MOST_BYTES = 8 * 1024 ** 2;
const WAIT_MS = 20_000;

const COMMON = { firstS: FIRST_S, samples: SAMPLES };
/** Long enough to heal after any single error; most is acknowledged, as on a site. */
const SCRIPT = {
  ...COMMON,
  batches: 30,
  ackEvery: 2,
  everyMs: 2,
  healEveryMs: 10,
};
const CALLS = new Set(['openat', 'write', 'fsync', 'rename', 'unlink', 'close']);
const ERRORS = ['EIO', 'ENOSPC', 'EROFS', 'EDQUOT'];
const SINGLE_ERRORS = { ci: 16, full: 60, nightly: 300 };
const ROUNDS = { ci: 2, full: 3, nightly: 10 };
/** While a disk hangs on its first sync, the queue takes several times what memory may hold. */
const LASTING = {
  ...COMMON,
  batches: 400,
  ackEvery: 0,
  everyMs: 1,
  healEveryMs: 20,
};

interface Found {
  attempted: number;
  wasInMemory: number;
  missing: number;
  counted: number;
  mostInMemory: number;
  violations: string[];
}

async function run(options: RunOptions): Promise<Outcome> {
  const { dir, seed, say, isControl } = options;
  const strace = await findStrace();
  const project =
    options.patches.length > 0 ? await makeBuild(join(dir, 'build'), options.patches) : PROJECT;
  const tools = { strace, dir, project, cache: join(dir, 'cache') };
  const results: Found[] = [];
  let injected = 0;

  /** A writer on a folder of its own, whose file system calls fail by `inject` (as strace has it). */
  async function refuse(name: string, script: Omit<WriterSettings, 'queueDir'>, inject: string) {
    const queueDir = join(dir, name);
    const log = `${queueDir}.strace`;
    await mkdir(queueDir);
    await using writer = await startWriter({ ...script, queueDir }, tools);
    const call = inject.split(':', 1).join();
    const rules = ['-e', `trace=${call}`, '-e', `inject=${inject}`, '-o', log];
    const tracer = await attach(strace, writer.tid, rules);
    writer.go();
    const isDone = await writer.ended;
    await tracer.ended;
    const hits = (await readFile(log, 'utf8'))
      .split('\n')
      .filter((line) => line.includes('(INJECTED)'));
    // Not the disk was hit but Node itself, which cannot live on: says nothing about us.
    if (hits.some((line) => WAKE.test(line))) return;
    injected += hits.length;
    const found = await judge(queueDir, writer, isDone);
    results.push({ ...found, violations: found.violations.map((text) => `${inject}: ${text}`) });
    if (found.violations.length === 0) await rm(queueDir, { recursive: true });
  }

  const undisturbed = join(dir, 'undisturbed');
  await mkdir(undisturbed);
  const points = await killPointsOf({ ...SCRIPT, queueDir: undisturbed }, tools);
  const tries = points.filter(({ call }) => CALLS.has(call));
  const count = isControl ? 8 : SINGLE_ERRORS[options.amount];
  await inParallel(shuffled(seed, tries.length).slice(0, count), AT_ONCE, async (index) => {
    const { call, nth } = tries[index]!;
    const error = ERRORS[index % ERRORS.length]!;
    await refuse(`once-${index}`, SCRIPT, `${call}:error=${error}:when=${nth}`);
  });
  for (let round = 0; round < (isControl ? 1 : ROUNDS[options.amount]); round += 1) {
    const first = 20 + round * 7;
    const inject = `fsync:error=EIO:when=${first}..${first + 14}`;
    await refuse(`lasting-${round}`, LASTING, inject);
  }
  say(`${injected} calls have failed, then the disk becomes read-only`);
  const remounts = isControl ? 1 : ROUNDS[options.amount];
  results.push(await becomeReadOnly(dir, remounts, tools));

  const sum = (what: (found: Found) => number): number =>
    results.reduce((total, found) => total + what(found), 0);
  const most = Math.max(...results.map(({ mostInMemory }) => mostInMemory));
  const violations = results.flatMap((found) => found.violations);
  if (!isControl && most <= 40) violations.push(`memory was never full: ${most} batches at most`);
  return {
    injected: `${injected} failed calls, ${remounts} times read-only`,
    kept: sum(({ attempted }) => attempted) * SAMPLES,
    stored: null,
    duplicates: null,
    lost: sum(({ missing, counted }) => Math.max(0, missing - counted)) * SAMPLES,
    violations,
    figures: {
      'batches that were in memory for a while': String(sum(({ wasInMemory }) => wasInMemory)),
      'of them dropped for want of room, and reported': String(sum(({ missing }) => missing)),
    },
  };
}

/** A writer goes on while its file system is made read-only, and writable again, several times. */
async function becomeReadOnly(
  dir: string,
  rounds: number,
  build: { project: string; cache: string },
): Promise<Found> {
  const image = join(dir, 'image');
  await makeExt4(image, DISK_BYTES);
  await using disk = await mountImage(join(dir, 'disk'), image);
  const queueDir = join(disk.at, 'queue');
  await mkdir(queueDir);
  await using writer = await startWriter({ ...LASTING, batches: null, queueDir }, build);
  const { ledger } = writer;
  const taken = (): number => ledger.inMemory.size + ledger.refused.size;
  writer.go();
  for (let round = 0; round < rounds; round += 1) {
    const [kept, before] = [ledger.kept.size, taken()];
    await until('batches are kept on disk', WAIT_MS, () => ledger.kept.size > kept + 10);
    // Refused while a file is being written.
    await until('the disk is read-only', WAIT_MS, () =>
      disk.remount('ro').then(
        () => true,
        () => false,
      ),
    );
    await until('memory is full', WAIT_MS, () => taken() > before + MOST_BATCHES + 30);
    await disk.remount('rw');
    await until('the queue is on disk again', WAIT_MS, () => ledger.state === 'disk');
  }
  writer.stop();
  const isDone = await writer.ended;
  const found = await judge(queueDir, writer, isDone);
  return { ...found, violations: found.violations.map((text) => `read-only: ${text}`) };
}

async function judge(queueDir: string, writer: Writer, isDone: boolean): Promise<Found> {
  const { kept, inMemory, refused, acking, most } = writer.ledger;
  const violations: string[] = [];
  if (!isDone) violations.push(`the writer has ended early: ${writer.errors().slice(0, 500)}`);
  if (refused.size > 0) violations.push(`${refused.size} batches were neither kept nor counted`);
  if (most.batches > MOST_BATCHES || most.bytes > MOST_BYTES) {
    violations.push(`${most.batches} batches with ${most.bytes} bytes in memory`);
  }
  const { held, damaged, gaps } = await readFolder(queueDir, SAMPLES);
  violations.push(...damaged.map((text) => `damaged: ${text}`));
  const attempted = [...kept, ...inMemory];
  const missing = attempted.filter((second) => !acking.has(second) && !held.has(second));
  const unnamed = missing.filter((second) => !isNamed(second, gaps));
  if (unnamed.length > 0) violations.push(`kept and nowhere: ${unnamed.join()}`);
  const counted = gaps.reduce((sum, { batches }) => sum + batches, 0);
  if (counted < missing.length) {
    violations.push(`${missing.length} batches are missing, ${counted} are reported`);
  }
  const start = { held, samples: SAMPLES, firstS: FIRST_S };
  violations.push(...(await judgeNextStart(queueDir, start)));
  return {
    attempted: attempted.length,
    wasInMemory: inMemory.size,
    missing: missing.length,
    counted,
    mostInMemory: most.batches,
    violations,
  };
}

export const ioError: FaultRow = {
  number: 5,
  name: 'io-error',
  fault:
    'calls to the disk fail (EIO, ENOSPC, EROFS, EDQUOT), once or for long; it becomes read-only',
  inCi: false,
  leftOut: async () => (await straceLeftOut()) ?? (await mountLeftOut()),
  control: { without: 'memory when the disk refuses', patches: NOTHING_IN_MEMORY },
  run,
};

import { cp, mkdir, rm, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { makeBuild } from '../builds/build.ts';
import { DROPS_NOT_COUNTED, HASTY_AGENT } from '../builds/patches.ts';
import { isNamed, readFolder, type NamedGap } from '../disk/folder.ts';
import { startSink, type Sink } from '../disk/sink.ts';
import {
  makeExt4,
  mountImage,
  mountLeftOut,
  mountTmpfs,
  type SmallDisk,
} from '../disk/small-disk.ts';
import type { Oracle } from '../oracle/client.ts';
import { Ledger } from '../oracle/ledger.ts';
import { startSite, type Site } from '../rig/site.ts';
import { until } from '../rig/until.ts';
import type { FaultRow, Outcome, RunOptions } from '../row.ts';

/** One batch a poll: the sealer would make two of more than 1,000. */
const MINERS = 900;
/** Slow enough that the backlog goes down on a busy machine, too. */
const TICK_MS = 60;
const STEP_S = 60;
const WAIT_MS = 60_000;
/** Dropped before the server comes back. */
const FILL_DROPS = 15;
const MIB = 1024 ** 2;
interface Filling {
  kind: 'tmpfs' | 'ext4';
  bytes: number;
  fills: number;
}
const CONTROL: readonly Filling[] = [{ kind: 'tmpfs', bytes: 2 * MIB, fills: 1 }];
const AMOUNTS: Record<RunOptions['amount'], readonly Filling[]> = {
  ci: [
    { kind: 'tmpfs', bytes: 2 * MIB, fills: 2 },
    // Needs room for itself.
    { kind: 'ext4', bytes: 4 * MIB, fills: 1 },
  ],
  full: [
    { kind: 'tmpfs', bytes: 10 * MIB, fills: 2 },
    { kind: 'ext4', bytes: 10 * MIB, fills: 1 },
  ],
  nightly: [
    { kind: 'tmpfs', bytes: 10 * MIB, fills: 10 },
    { kind: 'ext4', bytes: 10 * MIB, fills: 10 },
  ],
};
/** Room for no batch; the rest are parts of blocks. */
const MOST_LEFT_BYTES = 64 * 1024;
/** Written down, and not gone yet; or gone, though it had arrived when the server left in the middle of the answer. */
const IN_FLIGHT = 3;

/** What one site on its small disk has been through. */
interface Course {
  kept: number;
  delivered: number;
  dropped: number;
  counted: number;
  again: number;
  violations: string[];
}

async function run(options: RunOptions): Promise<Outcome> {
  const { dir, say, isControl } = options;
  const project = await makeBuild(join(dir, 'build'), [...HASTY_AGENT, ...options.patches]);
  const courses: Course[] = [];
  const disks = isControl ? CONTROL : AMOUNTS[options.amount];
  let filled = 0;
  for (const { kind, bytes, fills } of disks) {
    filled += fills;
    const course = await fillUp(join(dir, kind), { kind, bytes, fills, project });
    say(`${kind} filled ${fills} times: ${course.kept} batches kept, ${course.dropped} dropped`);
    course.violations = course.violations.map((text) => `${kind}: ${text}`);
    courses.push(course);
  }
  const sum = (what: (course: Course) => number): number =>
    courses.reduce((total, course) => total + what(course), 0);
  return {
    injected: `${filled} times full`,
    kept: sum(({ kept }) => kept) * MINERS,
    stored: sum(({ delivered }) => delivered) * MINERS,
    duplicates: sum(({ again }) => again),
    lost: sum(({ dropped, counted }) => Math.max(0, dropped - counted)) * MINERS,
    violations: courses.flatMap(({ violations }) => violations),
    figures: {
      'batches dropped on a full disk': `${sum(({ dropped }) => dropped)}, of which ${sum(({ counted }) => counted)} were reported`,
    },
  };
}

/** Lets a site fill its disk while the server is away, and empty it when it is back. */
async function fillUp(
  dir: string,
  { kind, bytes, fills, project }: Filling & { project: string },
): Promise<Course> {
  await mkdir(dir);
  await using sink = await startSink(MINERS);
  await using disk = await mountSmall(kind, dir, bytes);
  const ledger = new Ledger();
  const firstS = Math.floor(Date.now() / 1000 / STEP_S) * STEP_S - 20 * 86_400;
  const site = await startSite({
    site: 1,
    miners: MINERS,
    tickMs: TICK_MS,
    stepS: STEP_S,
    firstS,
    serverUrl: sink.urlOf('site'),
    apiKey: 'mk_faults',
    dir,
    project,
    oracle: listening(ledger),
  });
  try {
    return await course(site, { dir, sink, disk, ledger, fills });
  } finally {
    await site.stop();
  }
}

function mountSmall(kind: Filling['kind'], dir: string, bytes: number): Promise<SmallDisk> {
  const at = join(dir, 'queue');
  if (kind === 'tmpfs') return mountTmpfs(at, bytes);
  const image = join(dir, 'image');
  return makeExt4(image, bytes).then(() => mountImage(at, image));
}

const listening = (ledger: Ledger): Oracle => ({
  site: () => undefined,
  tell: (_, line) => ledger.note(line),
  judge: () => Promise.reject(new Error('judged by the row')),
  [Symbol.asyncDispose]: () => Promise.resolve(),
});

interface Scene {
  /** For copies. */
  dir: string;
  sink: Sink;
  disk: SmallDisk;
  ledger: Ledger;
  fills: number;
}

async function course(site: Site, scene: Scene): Promise<Course> {
  const { sink, disk, ledger, fills } = scene;
  const violations: string[] = [];
  const delivered = sink.delivered('site');
  const newestKept = (): number => Math.max(0, ...ledger.kept.keys());
  const look = (): Promise<Look> => lookAt(site, scene);
  /** Roughly, without stopping it. */
  const dropped = async (): Promise<number> => {
    const held = await site.held();
    const kept = [...ledger.kept.keys()].filter((second) => !delivered.batches.has(second));
    return kept.length - held.length;
  };
  await until('it has begun to deliver', WAIT_MS, () => delivered.batches.size > 0);
  for (let fill = 1; fill <= fills; fill += 1) {
    await until('most is delivered', WAIT_MS, async () => (await site.held()).length < 5);
    await sink.leave();
    const before = await look();
    await until('the disk is full and batches are dropped', WAIT_MS, async () => {
      return (await dropped()) >= before.dropped.length + FILL_DROPS;
    });
    const { bavail, bsize } = await statfs(disk.at);
    if (bavail * bsize > MOST_LEFT_BYTES)
      violations.push(`dropped with ${bavail * bsize} bytes free`);
    const whileFull = newestKept();
    await until(
      'polls are kept on a full disk',
      WAIT_MS,
      () => newestKept() > whileFull + 5 * STEP_S,
    );
    violations.push(...judgeFull(before, await look()));
    await sink.back();
    await until('the server has most', WAIT_MS, async () => (await site.held()).length < 5);
    const free = await statfs(disk.at);
    if (free.bavail < free.blocks * 0.5) violations.push('acknowledging has not freed the disk');
    const afterwards = newestKept();
    await until('polls are kept again', WAIT_MS, () => newestKept() > afterwards + 2 * STEP_S);
  }
  await site.quiet();
  await until('all is delivered', WAIT_MS, async () => (await site.held()).length === 0);
  await site.stop();

  const last = await look();
  violations.push(...delivered.wrong.map((text) => `delivered: ${text}`));
  const unnamed = last.dropped.filter((second) => !isNamed(second, last.gaps));
  if (unnamed.length > 0) violations.push(`${unnamed.length} dropped batches are in no gap`);
  // More is honest: one may arrive while it is being dropped.
  if (last.counted < last.dropped.length) {
    violations.push(`${last.dropped.length} batches were dropped, ${last.counted} are reported`);
  }
  return {
    kept: ledger.kept.size,
    delivered: ledger.kept.size - last.dropped.length,
    dropped: last.dropped.length,
    counted: last.counted,
    again: delivered.batches.values().reduce((sum, times) => sum + times - 1, 0),
    violations,
  };
}

/** A site at one moment. */
interface Look {
  /** Seconds kept, and neither delivered nor held. */
  dropped: number[];
  held: Set<number>;
  gaps: NamedGap[];
  /** Batches in all gaps. */
  counted: number;
}

/** Stops the site only for a copy: what it does not poll meanwhile it would poll all at once. */
async function lookAt(site: Site, { dir, ledger, sink }: Scene): Promise<Look> {
  const copy = join(dir, 'copy');
  site.signal('STOP');
  // Until it stands, and what it has said and sent has arrived.
  await sleep(100);
  await cp(site.queueDir, copy, { recursive: true, filter: (path) => !path.endsWith('.sock') });
  const kept = [...ledger.kept.keys()];
  const delivered = new Set(sink.delivered('site').batches.keys());
  const taken = new Map(sink.delivered('site').gaps);
  site.signal('CONT');
  const { held, gaps: own } = await readFolder(copy, MINERS);
  await rm(copy, { recursive: true });
  const gaps = [...taken.values(), ...own.filter(({ id }) => !taken.has(id))];
  // On a busy machine polls may pile up before they reach the queue; such losses have another reason.
  const counted = gaps.filter(({ reason }) => reason === 'disk');
  return {
    dropped: kept.filter((second) => !delivered.has(second) && !held.has(second)),
    held,
    gaps,
    counted: counted.reduce((sum, { samples }) => sum + samples, 0) / MINERS,
  };
}

/** A disk that was filled while nobody could send: only the oldest are gone, and all of them are on record there. */
function judgeFull(before: Look, now: Look): string[] {
  const violations: string[] = [];
  const dropped = now.dropped.slice(before.dropped.length);
  const newest = Math.max(...dropped);
  const older = [...now.held].filter((second) => second < newest);
  if (older.length > 0) violations.push(`${older.length} batches are older than a dropped one`);
  const counted = now.counted - before.counted;
  if (counted < dropped.length || counted > dropped.length + IN_FLIGHT) {
    violations.push(`${dropped.length} batches dropped on the full disk, ${counted} on record`);
  }
  return violations;
}

export const diskFull: FaultRow = {
  number: 4,
  name: 'disk-full',
  fault: 'the server is away until a small disk (tmpfs, ext4) is full, then comes back',
  inCi: true,
  leftOut: mountLeftOut,
  control: { without: 'counting what is dropped', patches: DROPS_NOT_COUNTED },
  run,
};

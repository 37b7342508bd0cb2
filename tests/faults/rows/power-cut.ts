import { copyFile, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { unit } from '../../../simulator/random.ts';
import { PROJECT } from '../../../simulator/services/project.ts';
import { makeBuild } from '../builds/build.ts';
import { FOLDER_NOT_SYNCED } from '../builds/patches.ts';
import { isNamed, readFolder } from '../disk/folder.ts';
import { judgeNextStart } from '../disk/next-start.ts';
import { makeExt4, mountImage, mountLeftOut } from '../disk/small-disk.ts';
import { startWriter } from '../disk/start-writer.ts';
import type { FaultRow, Outcome, RunOptions } from '../row.ts';

const SAMPLES = 100;
const FIRST_S = 1_770_000_000;
const DISK_BYTES = 32 * 1024 ** 2;
const CUTS = { ci: 6, full: 30, nightly: 200 };
/** Without the protection every second or third cut costs a batch; the first that does ends the control. */
const CONTROL_CUTS = 30;
/** After the first batch. The kernel writes back by itself after 5 s: then nothing would be left to lose. */
const LONGEST_MS = 500;

/** What a power cut does: whatever the kernel has not sent to the disk is gone, in the middle of whatever goes on. */
async function run(options: RunOptions): Promise<Outcome> {
  const { dir, seed, say, isControl } = options;
  const project =
    options.patches.length > 0 ? await makeBuild(join(dir, 'build'), options.patches) : PROJECT;
  const build = { project, cache: join(dir, 'cache') };
  const cuts = isControl ? CONTROL_CUTS : CUTS[options.amount];
  const total = { cuts: 0, kept: 0, lost: 0, acked: 0, back: 0 };
  const violations: string[] = [];

  for (let cut = 0; cut < cuts; cut += 1) {
    if (isControl && violations.length > 0) break;
    const [image, copy] = [join(dir, `image-${cut}`), join(dir, `copy-${cut}`)];
    const ledger = await cutAfter(
      unit(seed, cut) * LONGEST_MS,
      { image, copy, at: join(dir, 'at') },
      build,
    );
    await using disk = await mountImage(join(dir, 'after'), copy);
    const queueDir = join(disk.at, 'queue');
    const { held, damaged, gaps } = await readFolder(queueDir, SAMPLES);
    const missing = [...ledger.kept].filter(
      (second) => !ledger.acking.has(second) && !held.has(second) && !isNamed(second, gaps),
    );
    const found = damaged.map((text) => `damaged: ${text}`);
    if (missing.length > 0) found.push(`kept and nowhere: ${missing.join()}`);
    found.push(...(await judgeNextStart(queueDir, { held, samples: SAMPLES, firstS: FIRST_S })));
    violations.push(...found.map((text) => `cut ${cut}: ${text}`));
    total.cuts += 1;
    total.kept += ledger.kept.size;
    total.lost += missing.length;
    total.acked += ledger.acked.size;
    total.back += [...ledger.acked].filter((second) => held.has(second)).length;
    if (found.length === 0) await Promise.all([image, copy].map((file) => rm(file)));
  }
  say(`${total.cuts} cuts, ${total.kept} batches kept, ${total.lost} of them lost`);
  return {
    injected: `${total.cuts} power cuts`,
    kept: total.kept * SAMPLES,
    stored: null,
    duplicates: null,
    lost: total.lost * SAMPLES,
    violations,
    figures: {
      'batches lost in power cuts': `${total.lost} of ${total.kept} kept in ${total.cuts} cuts`,
      'acknowledged batches that came back, to be sent twice': `${total.back} of ${total.acked}`,
    },
  };
}

/** Lets a writer work on a new disk, kills it `ms` after its first batch, and takes what has reached the disk. */
async function cutAfter(
  ms: number,
  { image, copy, at }: { image: string; copy: string; at: string },
  build: { project: string; cache: string },
) {
  await makeExt4(image, DISK_BYTES);
  await using disk = await mountImage(at, image);
  const queueDir = join(disk.at, 'queue');
  await mkdir(queueDir);
  await using writer = await startWriter(
    {
      queueDir,
      firstS: FIRST_S,
      samples: SAMPLES,
      batches: null,
      ackEvery: 3,
      everyMs: 0,
      healEveryMs: 1000,
    },
    build,
  );
  writer.go();
  while (writer.ledger.kept.size === 0) await sleep(5);
  await sleep(ms);
  writer.kill();
  await writer.ended;
  // The image as it is now: what the kernel still had in memory is not in it.
  await copyFile(image, copy);
  return writer.ledger;
}

export const powerCut: FaultRow = {
  number: 2,
  name: 'power-cut',
  fault:
    'power cut: the writer is killed and whatever has not reached its disk (ext4) is thrown away',
  inCi: true,
  leftOut: mountLeftOut,
  control: { without: 'fsync of the folder', patches: FOLDER_NOT_SYNCED },
  run,
};

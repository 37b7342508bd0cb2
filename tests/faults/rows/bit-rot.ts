import { execFile } from 'node:child_process';
import { mkdir, readdir, readFile, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { openQueue } from '../../../agent/queue/queue.ts';
import { between, mix } from '../../../simulator/random.ts';
import { PROJECT } from '../../../simulator/services/project.ts';
import { makeBuild } from '../builds/build.ts';
import { CHECKSUM_IGNORED } from '../builds/patches.ts';
import { batchOf } from '../disk/batches.ts';
import type { DrainSettings } from '../disk/drain.ts';
import { isNamed } from '../disk/folder.ts';
import { startSink, type Delivered } from '../disk/sink.ts';
import type { FaultRow, Outcome, RunOptions } from '../row.ts';

const SAMPLES = 30;
const BATCHES = 8;
const FOLDERS = { ci: 60, full: 200, nightly: 2000 };
const CONTROL_FOLDERS = 30;
/** A batch without the checksum may be sent for ever. */
const CONTROL_MS = 1500;
const MOST_MS = 20_000;
const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };

/** What was done to the batch of a second. */
interface Damage {
  second: number;
  how: string;
}

async function run(options: RunOptions): Promise<Outcome> {
  const { dir, seed, say, isControl } = options;
  const project =
    options.patches.length > 0 ? await makeBuild(join(dir, 'build'), options.patches) : PROJECT;
  // Of the last hour: nothing is dropped for its age.
  const firstS = Math.floor(Date.now() / 1000) - 3600;
  const freshS = firstS + BATCHES;
  await using sink = await startSink(SAMPLES);
  const damages = new Map<string, Damage>();
  const folders: DrainSettings['folders'] = [];
  const count = isControl ? CONTROL_FOLDERS : FOLDERS[options.amount];
  for (let folder = 0; folder < count; folder += 1) {
    const name = String(folder);
    const queueDir = join(dir, 'queues', name);
    await fill(queueDir, firstS);
    damages.set(name, await damage(queueDir, mix(seed, folder)));
    folders.push({ name, queueDir, serverUrl: sink.urlOf(name) });
  }

  const mostMs = isControl ? CONTROL_MS : MOST_MS;
  const settings: DrainSettings = { folders, samples: SAMPLES, second: freshS, mostMs };
  const { stdout } = await promisify(execFile)(process.execPath, [
    join(project, 'tests/faults/disk/drain.ts'),
    JSON.stringify(settings),
  ]);
  const ends = new Map(
    stdout
      .trimEnd()
      .split('\n')
      .map((line) => [line.split(' ', 1).join(), line] as const),
  );
  const total = { stored: 0, again: 0, named: 0, harmless: 0, lost: 0 };
  const violations: string[] = [];
  for (const [name, { second, how }] of damages) {
    const found = sink.delivered(name);
    const wrong = judge(found, { touched: second, firstS, freshS });
    if (ends.get(name) !== `${name} drained`) wrong.push(`the agent: ${ends.get(name) ?? 'gone'}`);
    violations.push(...wrong.map((text) => `folder ${name}, ${how}: ${text}`));
    total.stored += found.batches.size;
    for (const times of found.batches.values()) total.again += times - 1;
    if (found.batches.has(second)) total.harmless += 1;
    else if (wrong.length === 0) total.named += 1;
    else total.lost += 1;
  }
  say(`${count} batches damaged: ${total.named} named in gaps, ${total.harmless} still whole`);
  return {
    injected: `${count} damaged files`,
    kept: count * (BATCHES + 1) * SAMPLES,
    stored: total.stored * SAMPLES,
    duplicates: total.again,
    lost: total.lost * SAMPLES,
    violations,
    figures: {
      'damaged files': `${total.named} lost and named, ${total.harmless} whole (nothing that counts was hit), ${total.lost} neither`,
    },
  };
}

/** A folder of batches; the times of the files are those of the batches, as on a site. */
async function fill(queueDir: string, firstS: number): Promise<void> {
  await mkdir(queueDir, { recursive: true });
  const queue = await openQueue({ dir: queueDir, log: silent });
  for (let batch = 0; batch < BATCHES; batch += 1)
    await queue.append(batchOf(firstS + batch, SAMPLES));
  await queue.close();
  for (const [index, name] of (await batchFiles(queueDir)).entries()) {
    await utimes(join(queueDir, name), firstS + index, firstS + index);
  }
}

const batchFiles = async (queueDir: string): Promise<string[]> =>
  (await readdir(queueDir)).filter((name) => name.endsWith('.json.gz')).sort();

/** Spoils one file as a disk would: its time stays. Every fourth time the newest is cut off, else bytes of any change. */
async function damage(queueDir: string, seed: number): Promise<Damage> {
  const names = await batchFiles(queueDir);
  const isCut = seed % 4 === 0;
  const index = isCut ? names.length - 1 : Math.floor(between(seed, 1, 0, names.length));
  const file = join(queueDir, names[index]!);
  const bytes = await readFile(file);
  // Every fifth time in the checksum itself, its length included.
  const first = seed % 5 === 0 ? bytes.length - 8 : 0;
  const from = Math.floor(between(seed, 2, first, bytes.length));
  // One bit, one byte, or a whole block.
  const length = seed % 3 === 0 ? 4096 : 1;
  const second = (await stat(file)).mtimeMs / 1000;
  if (isCut) {
    await writeFile(file, bytes.subarray(0, from));
  } else {
    for (let at = from; at < Math.min(from + length, bytes.length); at += 1) {
      bytes[at]! ^= seed % 3 === 1 ? 1 << (mix(seed, 3) % 8) : 1 + (mix(seed, at) % 255);
    }
    await writeFile(file, bytes);
  }
  await utimes(file, second, second);
  const how = isCut ? `cut off at ${from}` : `${length} bytes changed from ${from} on`;
  return { second, how: `batch ${index + 1} of ${names.length} ${how}` };
}

function judge(
  { batches, gaps, wrong }: Delivered,
  { touched, firstS, freshS }: { touched: number; firstS: number; freshS: number },
): string[] {
  const found = wrong.map((text) => `delivered: ${text}`);
  for (let second = firstS; second <= freshS; second += 1) {
    if (!batches.has(second) && second !== touched)
      found.push(`batch ${second - firstS + 1} is missing`);
  }
  const named = [...gaps.values()];
  const lost = batches.has(touched) ? 0 : 1;
  const counted = named.reduce((sum, gap) => sum + gap.batches, 0);
  if (counted !== lost) found.push(`${lost} batches are lost, ${counted} are reported`);
  else if (lost > 0 && !isNamed(touched, named)) found.push('the gap is of another time');
  return found;
}

export const bitRot: FaultRow = {
  number: 3,
  name: 'bit-rot',
  fault: 'a file of the queue is cut off or its bytes change',
  inCi: true,
  control: { without: 'gzip’s checksum', patches: CHECKSUM_IGNORED },
  run,
};

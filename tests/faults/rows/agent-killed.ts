import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { inParallel } from '../../../agent/pool.ts';
import { PROJECT } from '../../../simulator/services/project.ts';
import { shuffled } from '../../../simulator/random.ts';
import { makeBuild } from '../builds/build.ts';
import { WRITTEN_IN_PLACE } from '../builds/patches.ts';
import { isNamed, readFolder } from '../disk/folder.ts';
import { killPointsOf, type KillPoint } from '../disk/kill-points.ts';
import { judgeNextStart } from '../disk/next-start.ts';
import { startWriter, type WriterLedger, type WriterSettings } from '../disk/start-writer.ts';
import { attach, findStrace, straceLeftOut } from '../disk/strace.ts';
import type { FaultRow, Outcome, RunOptions } from '../row.ts';

const SAMPLES = 20;
const FIRST_S = 1_770_000_000;
const AT_ONCE = 3;

const COMMON = { firstS: FIRST_S, samples: SAMPLES, everyMs: 0, healEveryMs: 1000 };
/** What the writer does, from the start in an empty folder to the end. */
const SCRIPTS: Record<string, Omit<WriterSettings, 'queueDir'>> = {
  'append and acknowledge': { ...COMMON, batches: 10, ackEvery: 2 },
  'append and drop': { ...COMMON, batches: 6, ackEvery: 0, limits: { maxBytes: 1500 } },
};

/** How many of the calls are tried; 0: all. */
const MOST_RUNS = { ci: 50, full: 0, nightly: 0 };
const CONTROL_RUNS = 20;

async function run(options: RunOptions): Promise<Outcome> {
  const { dir, seed, say, isControl } = options;
  const strace = await findStrace();
  const project =
    options.patches.length > 0 ? await makeBuild(join(dir, 'build'), options.patches) : PROJECT;
  const tools = { strace, dir, project, cache: join(dir, 'cache') };
  const tries: (KillPoint & { script: string })[] = [];
  for (const [script, settings] of Object.entries(SCRIPTS)) {
    const queueDir = join(dir, 'undisturbed');
    await mkdir(queueDir);
    const points = await killPointsOf({ ...settings, queueDir }, tools);
    for (const point of points) tries.push({ ...point, script });
    await rm(queueDir, { recursive: true });
  }
  // Where a file grows: a control need not look for its damage elsewhere.
  const eligible = isControl ? tries.filter(({ call }) => call === 'write') : tries;
  const most = isControl ? CONTROL_RUNS : MOST_RUNS[options.amount];
  const chosen = shuffled(seed, eligible.length).slice(0, most || eligible.length);
  say(`${tries.length} calls to be killed at, ${chosen.length} of them now`);

  const outcome = { runs: 0, kills: 0, kept: 0, lost: 0, leftovers: 0 };
  const violations: string[] = [];
  await inParallel(chosen, AT_ONCE, async (index) => {
    const point = eligible[index]!;
    if (isControl && violations.length > 0) return;
    const queueDir = join(dir, `queue-${index}`);
    await mkdir(queueDir);
    const settings = { ...SCRIPTS[point.script]!, queueDir };
    await using writer = await startWriter(settings, tools);
    const inject = `${point.call}:signal=KILL:when=${point.nth}`;
    const args = ['-e', `trace=${point.call}`, '-e', `inject=${inject}`, '-o', '/dev/null'];
    const tracer = await attach(strace, writer.tid, args);
    writer.go();
    const isDone = await writer.ended;
    await tracer.ended;
    outcome.runs += 1;
    if (!isDone) outcome.kills += 1;
    const found = await judge(queueDir, writer.ledger);
    outcome.kept += writer.ledger.kept.size;
    outcome.lost += found.lost;
    outcome.leftovers += found.leftovers;
    const where = `killed at ${point.call} no. ${point.nth} of "${point.script}"`;
    violations.push(...found.violations.map((text) => `${where}: ${text}`));
    if (found.violations.length === 0) await rm(queueDir, { recursive: true });
  });
  if (outcome.kills < outcome.runs * 0.9) {
    violations.push(`only ${outcome.kills} kills in ${outcome.runs} runs`);
  }
  return {
    injected: `${outcome.kills} kills in ${outcome.runs} runs`,
    kept: outcome.kept * SAMPLES,
    stored: null,
    duplicates: null,
    lost: outcome.lost * SAMPLES,
    violations,
    figures: {
      'calls of append, acknowledge and drop': String(tries.length),
      'half-written files a start had to remove': String(outcome.leftovers),
    },
  };
}

/** What is wrong with a folder after the kill, and after the next start on it. */
async function judge(queueDir: string, { kept, acking, acked }: WriterLedger) {
  const violations: string[] = [];
  const leftovers = (await readdir(join(queueDir, 'tmp')).catch(() => [])).length;
  const before = await readFolder(queueDir, SAMPLES);
  violations.push(...before.damaged.map((text) => `damaged: ${text}`));
  const missing = [...kept].filter(
    (second) => !acking.has(second) && !before.held.has(second) && !isNamed(second, before.gaps),
  );
  if (missing.length > 0) violations.push(`kept and nowhere: ${missing.join()}`);
  const back = [...acked].filter((second) => before.held.has(second));
  if (back.length > 0) violations.push(`acknowledged and still held: ${back.join()}`);

  const start = { held: before.held, samples: SAMPLES, firstS: FIRST_S };
  violations.push(...(await judgeNextStart(queueDir, start)));
  return { violations, leftovers, lost: missing.length };
}

export const agentKilled: FaultRow = {
  number: 1,
  name: 'agent-killed',
  fault: 'kill -9 at every call to the file system that append, acknowledge and drop make',
  inCi: true,
  leftOut: straceLeftOut,
  control: { without: 'a temporary file and its renaming', patches: WRITTEN_IN_PLACE },
  run,
};

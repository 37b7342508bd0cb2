import { readFile, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { gap } from '#contract/sync.ts';
import { EXIT } from '../failure.ts';
import type { Messages } from '../messages.ts';
import { parseFileName } from '../queue/batch-file.ts';
import type { Gap } from '../queue/gaps.ts';
import { askOwner } from '../queue/owner.ts';
import type { Command } from './command.ts';
import { exportBatch } from './export-batch.ts';
import { print, printJson, sizeText } from './terminal.ts';

const lane = z.object({
  in_flight: z.number().nullable(),
  failures: z.number(),
  next_attempt: z.string().nullable(),
});

/** What a running agent says of its queue; times are ISO 8601. */
const held = z.object({
  queue: z.string().nullable(),
  batches: z.number(),
  bytes: z.number(),
  oldest: z.string().nullable(),
  newest: z.string().nullable(),
  gaps: gap.array(),
  state: z.enum(['disk', 'memory']).nullable(),
  in_memory: z.object({ batches: z.number(), bytes: z.number() }).nullable(),
  last_error: z.object({ at: z.string(), text: z.string() }).nullable(),
  clock_error_ms: z.number().nullable(),
  lanes: z.object({ live: lane, backlog: lane }).nullish(),
});
type Held = z.output<typeof held>;

const SET_ASIDE = ['dead', 'damaged', 'odd'] as const;
type SetAside = Record<(typeof SET_ASIDE)[number], string[]>;
const MOST_NAMES = 20;

/**
 * `hashyard-agent queue`: what is held, as the agent that owns the folder says, else as it lies there; with `exported`, the
 * JSON of that batch. Only looks, so it may run beside the agent.
 */
export const queueCommand =
  (exported: string | undefined): Command =>
  async (context) => {
    const { config, say, json } = context;
    const dir = config.queueDir;
    if (exported !== undefined) return exportBatch(dir, exported, say);
    const names = await readdir(dir).catch(() => null);
    const answer = held.safeParse(await askOwner(dir));
    const running = answer.success;
    const state = running ? answer.data : await readFolder(dir, names ?? []);
    const aside = await readAside(dir);
    if (json) {
      const counts = { dead: aside.dead.length, damaged: aside.damaged.length };
      printJson({ dir, running, ...state, ...counts, set_aside: aside });
    } else if (names === null) {
      print(say.queueNone(dir));
    } else {
      print(describe(state, { aside, running, say }));
    }
    return EXIT.ok;
  };

async function readFolder(dir: string, names: readonly string[]): Promise<Held> {
  const files = [];
  for (const name of names.filter((each) => parseFileName(each) !== null).sort()) {
    // Acknowledged between the listing and now: not held any more.
    const file = await stat(join(dir, name)).catch(() => null);
    const shiftMs = parseFileName(name)?.shiftMs ?? 0;
    if (file) files.push({ bytes: file.size, at: new Date(file.mtime.getTime() + shiftMs) });
  }
  const id = (await readFile(join(dir, 'queue-id'), 'utf8').catch(() => '')).trim();
  return {
    queue: id || null,
    batches: files.length,
    bytes: files.reduce((sum, { bytes }) => sum + bytes, 0),
    oldest: files[0]?.at.toISOString() ?? null,
    newest: files.at(-1)?.at.toISOString() ?? null,
    gaps: await readGaps(join(dir, 'gaps.json')),
    state: null,
    in_memory: null,
    last_error: null,
    clock_error_ms: null,
  };
}

async function readAside(dir: string): Promise<SetAside> {
  const list = (folder: string): Promise<string[]> => readdir(join(dir, folder)).catch(() => []);
  const [dead, damaged, odd] = await Promise.all([list('dead'), list('damaged'), list('odd')]);
  return { dead: dead.sort(), damaged: damaged.sort(), odd: odd.sort() };
}

async function readGaps(file: string): Promise<Gap[]> {
  try {
    return gap.array().parse(JSON.parse(await readFile(file, 'utf8')));
  } catch {
    return [];
  }
}

/** Everything on a few lines. */
function describe(
  state: Held,
  { aside, running, say }: { aside: SetAside; running: boolean; say: Messages },
): string {
  const lines: string[] = [];
  const { batches, bytes, oldest, newest, in_memory: inMemory, lanes } = state;
  if (oldest === null || newest === null) lines.push(say.queueEmpty);
  else {
    lines.push(say.queueHeld(batches, sizeText(bytes, say.sizeUnits)));
    lines.push(say.queueSpan(oldest, newest));
  }
  if (state.state === 'memory') lines.push(say.queueMemory(inMemory?.batches ?? 0));
  if (!running) lines.push(say.queueNotRunning);
  for (const [name, each] of Object.entries(lanes ?? {})) {
    if (each.failures === 0) continue;
    lines.push(say.queueLane(name, each.failures, each.next_attempt ?? '-'));
  }
  if (state.last_error) lines.push(say.queueLastError(state.last_error.at, state.last_error.text));
  const seconds = Math.round((state.clock_error_ms ?? 0) / 1000);
  if (Math.abs(seconds) > 2) lines.push(say.queueClock(seconds));
  lines.push(...gapLines(state.gaps, say));
  for (const folder of SET_ASIDE) {
    const names = aside[folder];
    if (names.length === 0) continue;
    lines.push(say.queueAside[folder](names.length));
    lines.push(...names.slice(0, MOST_NAMES).map((name) => `  ${name}`));
    if (names.length > MOST_NAMES) lines.push(`  ${say.queueMore(names.length - MOST_NAMES)}`);
  }
  return lines.join('\n');
}

function gapLines(gaps: readonly Gap[], say: Messages): string[] {
  if (gaps.length === 0) return [];
  const byReason = new Map<string, Gap[]>();
  for (const each of gaps) {
    byReason.set(each.reason, [...(byReason.get(each.reason) ?? []), each]);
  }
  const lines = [say.queueGaps];
  for (const [reason, alike] of byReason) {
    const sum = (key: 'batches' | 'samples'): number =>
      alike.reduce((total, each) => total + each[key], 0);
    const from = alike.map((each) => each.from).sort()[0] ?? '';
    const to =
      alike
        .map((each) => each.to)
        .sort()
        .at(-1) ?? '';
    lines.push(
      `  ${say.queueGap(say.gapReasons[reason] ?? reason, sum('batches'), sum('samples'))}`,
    );
    lines.push(`    ${say.queueSpan(from, to)}`);
  }
  return lines;
}

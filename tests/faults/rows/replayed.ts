import { join } from 'node:path';
import { shuffled } from '../../../simulator/random.ts';
import { makeBuild } from '../builds/build.ts';
import { differences, storedState } from '../oracle/stored-state.ts';
import { atOnce, deliver } from '../rig/deliver.ts';
import { record, type RecordedBatch } from '../rig/recording.ts';
import { startRig, type Rig } from '../rig/rig.ts';
import type { FaultRow, Outcome, RunOptions } from '../row.ts';

const SITES = 5;
const TIMES = 3;
const WIDTH = 6;

type Keys = readonly string[];

async function registerSites(rig: Rig): Promise<Keys> {
  const keys: string[] = [];
  for (let site = 1; site <= SITES; site += 1) {
    keys.push((await rig.register(`agent-${site}`)).apiKey);
  }
  return keys;
}

/** Delivers all, `width` at once; answers how many were answered as delivered before. */
async function send(
  rig: Rig,
  keys: Keys,
  batches: readonly RecordedBatch[],
  width: number,
): Promise<{ duplicates: number }> {
  let duplicates = 0;
  await atOnce(width, batches, async ({ site, body }) => {
    const reply = await deliver(rig.server.url, keys[site - 1]!, body);
    if (reply.status !== 200) {
      throw new Error(
        `${JSON.stringify(body.batch)} was answered ${reply.status}: ${reply.body.detail}`,
      );
    }
    if (reply.body.duplicate) duplicates += 1;
  });
  return { duplicates };
}

/** Everything an agent ever sent arrives three times more in random order: nothing that is stored may change by it. */
async function run(options: RunOptions): Promise<Outcome> {
  const { dir, seed, say, amount, isControl, patches } = options;
  const each = isControl ? 10 : amount === 'ci' ? 20 : 100;
  const firstS = Math.floor(Date.now() / 60_000) * 60 - 10 * 86_400;
  const recorded = record({ sites: SITES, batches: each, firstS, seed });
  const samples = recorded.reduce((sum, { body }) => sum + (body.miner_stats?.length ?? 0), 0);
  const mixed = shuffled(seed, recorded.length * TIMES).map(
    (at) => recorded[at % recorded.length]!,
  );
  const project = await makeBuild(join(dir, 'build'), patches);
  const violations: string[] = [];

  await using full = await startRig({ dir: join(dir, 'full'), project });
  const keys = await registerSites(full);
  await send(full, keys, recorded, 1);
  const inOrder = await storedState(full.sql, full.influx);
  say(`${recorded.length} batches in order: ${inOrder['points of miner']?.length} points`);

  // As after their month: nothing but the data itself is left to tell what has been.
  await full.sql`delete from ingest_receipts`;
  const again = await send(full, keys, mixed, WIDTH);
  for (const difference of differences(inOrder, await storedState(full.sql, full.influx))) {
    violations.push(`to a full database: ${difference}`);
  }

  let state = inOrder;
  let duplicates = again.duplicates;
  // A control has failed by now.
  if (!isControl) {
    await using empty = await startRig({ dir: join(dir, 'empty'), project });
    duplicates += (await send(empty, await registerSites(empty), mixed, WIDTH)).duplicates;
    state = await storedState(empty.sql, empty.influx);
    for (const difference of differences(inOrder, state)) {
      violations.push(`to an empty database: ${difference}`);
    }
  }
  const receipts = state['receipts']?.length ?? 0;
  if (receipts !== recorded.length) {
    violations.push(`${receipts} receipts instead of ${recorded.length}`);
  }
  const stored = (state['points of miner']?.length ?? 0) + (state['quarantine']?.length ?? 0);
  return {
    injected: `${recorded.length} batches, each ${TIMES} × more in random order, to a full and an empty database`,
    kept: samples,
    stored,
    duplicates,
    lost: samples - stored,
    violations,
  };
}

export const replayed: FaultRow = {
  number: 12,
  name: 'replayed',
  fault: 'batches delivered three times, in random order',
  inCi: true,
  control: {
    without: 'the rule that an older batch overwrites nothing newer',
    patches: [
      {
        file: 'server/features/ingest/latest.ts',
        find: 'WHERE l.at <= excluded.at`',
        replace: 'WHERE true`',
      },
    ],
  },
  run,
};

import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { makeBuild, type Patch } from '../builds/build.ts';
import { HASTY_AGENT } from '../builds/patches.ts';
import { startRig, type Rig } from '../rig/rig.ts';
import { addSites, settle } from '../rig/sites.ts';
import { judged, type FaultRow, type RunOptions } from '../row.ts';

/** A server asked for anything while its database is away must say so, and soon. */
const LONGEST_ANSWER_MS = 6_000;
const GIVE_UP_MS = 15_000;
/** Of one address, before the server wants it to slow down. */
const MOST_LOGINS = 10;

/** The driver leaves a query pending for ever when its connection dies unseen; watch and deadlines are ours. */
const NO_DEADLINE: readonly Patch[] = [
  {
    file: 'server/resources/watched-postgres.ts',
    find: 'const EVERY_MS = 1_000;',
    replace: 'const EVERY_MS = 3_600_000;',
  },
  {
    file: 'server/deadline.ts',
    find: 'return await Promise.race([work, expired.promise]);',
    replace: 'expired.promise.catch(() => undefined);\n    return await work;',
  },
];

interface Asked {
  what: string;
  status: number | null;
  ms: number;
}

async function ask(what: string, url: string, init: RequestInit): Promise<Asked> {
  const began = performance.now();
  try {
    const answer = await fetch(url, { ...init, signal: AbortSignal.timeout(GIVE_UP_MS) });
    await answer.arrayBuffer();
    return { what, status: answer.status, ms: performance.now() - began };
  } catch {
    return { what, status: null, ms: performance.now() - began };
  }
}

/** One of each kind of caller: an agent, somebody who logs in, and a script with a session. */
function askAll(rig: Rig, apiKey: string, logIn: boolean): Promise<Asked[]> {
  const { url } = rig.server;
  const json = { 'content-type': 'application/json' };
  return Promise.all([
    ask('sync', `${url}/api/agent/sync`, {
      method: 'POST',
      headers: { ...json, 'x-api-key': apiKey },
      body: JSON.stringify({ miner_stats: [] }),
    }),
    ...(logIn
      ? [
          ask('login', `${url}/api/auth/login`, {
            method: 'POST',
            headers: json,
            body: JSON.stringify(rig.admin),
          }),
        ]
      : []),
    ask('agents', `${url}/api/agents`, {
      headers: { authorization: `Bearer hys_${'x'.repeat(43)}` },
    }),
  ]);
}

async function run({ dir, amount, isControl, patches }: RunOptions) {
  const outagesMs = isControl
    ? []
    : amount === 'ci'
      ? [1_500]
      : [1_000, 20_000, 4_000, 2_000, 1_000];
  const project = await makeBuild(join(dir, 'build'), [...HASTY_AGENT, ...patches]);
  await using rig = await startRig({ dir, project });
  const { apiKey } = await rig.register('asker');
  await addSites(rig, { count: 3, miners: 100, tickMs: 300 });
  const asked: Asked[] = [];
  let logins = 0;
  const askFor = async (ms: number): Promise<void> => {
    const end = performance.now() + ms;
    while (performance.now() < end) {
      const logIn = logins < MOST_LOGINS;
      if (logIn) logins += 1;
      asked.push(...(await askAll(rig, apiKey, logIn)));
      await sleep(100);
    }
  };

  for (const ms of outagesMs) {
    await sleep(1_000);
    await rig.postgres.kill();
    await askFor(ms);
    await rig.postgres.start();
  }
  // A black hole: connections stay open and nothing comes back on them.
  await sleep(1_000);
  rig.links.postgres.link = 'swallow';
  await askFor(isControl ? 500 : 7_000);
  rig.links.postgres.become('pass');

  const violations = new Set<string>();
  for (const { what, status, ms } of asked) {
    if (status !== 503) violations.add(`${what} was answered ${status} without Postgres`);
    if (ms > LONGEST_ANSWER_MS) violations.add(`${what} was answered after ${Math.round(ms)} ms`);
  }
  const outcome = judged(
    `${outagesMs.length} kills, 1 black hole, ${asked.length} requests meanwhile`,
    await settle(rig),
  );
  const slowest = asked.reduce((most, { ms }) => Math.max(most, ms), 0);
  return {
    ...outcome,
    violations: [...violations, ...outcome.violations],
    figures: { 'slowest answer without Postgres': `${Math.round(slowest)} ms` },
  };
}

export const postgresDown: FaultRow = {
  number: 7,
  name: 'postgres-down',
  fault: 'Postgres killed, and silent behind open connections',
  inCi: false,
  control: { without: 'watch and deadlines around Postgres', patches: NO_DEADLINE },
  run,
};

import { Agent, request } from 'node:http';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { askInflux } from '../../../simulator/services/influxql.ts';
import { makeBuild, type Patch } from '../builds/build.ts';
import { fuzzCase, type FuzzCase } from '../fuzz/cases.ts';
import { caseAt, goldenOf } from '../fuzz/golden.ts';
import { openAdmin } from '../rig/admin.ts';
import { atOnce, deliver } from '../rig/deliver.ts';
import { watchMemory } from '../rig/memory.ts';
import { startRig, type Rig } from '../rig/rig.ts';
import type { FaultRow, Outcome, RunOptions } from '../row.ts';

const AGENTS = 20;
const WIDTH = 6;
const GOOD_EVERY = 100;
const MOST_MB = 400;
const ATTEMPTS = 100;

/** Every answer says what `Object.prototype` has that it should not. */
const PROTOTYPE_PROBE: Patch = {
  file: 'server/app.ts',
  find: "  app.decorateRequest('caller', null);",
  replace: `  app.decorateRequest('caller', null);
  app.addHook('onSend', async (_request, reply) => {
    const keys = [];
    for (const key in {}) keys.push(key);
    reply.header('x-prototype', keys.join() || 'clean');
  });`,
};

interface Answer {
  /** 0: the connection ended without one. */
  status: number;
  body: string;
  prototype: string | undefined;
}

/** Sends the bytes as they are, over connections that are kept. */
function send(url: string, agent: Agent, fuzz: FuzzCase, credential: object): Promise<Answer> {
  return new Promise((resolve) => {
    const none: Answer = { status: 0, body: '', prototype: undefined };
    const sent = request(
      url + fuzz.path,
      { method: fuzz.method, agent, headers: { ...credential, ...fuzz.headers } },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', () => resolve(none));
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            body: Buffer.concat(chunks).toString(),
            prototype: response.headers['x-prototype']?.toString(),
          }),
        );
      },
    );
    sent.on('error', () => resolve(none));
    // A length that promises more than comes: the server would wait 20 s for the rest.
    if (Number(fuzz.headers['content-length'] ?? 0) > fuzz.body.length) {
      sent.write(fuzz.body);
      setTimeout(() => sent.destroy(), 100);
    } else {
      sent.end(fuzz.body);
    }
  });
}

interface Tally {
  statuses: Map<number, number>;
  accepted: Set<number>;
  /** Samples that answers said were stored. */
  added: number;
  violations: string[];
}

async function fuzzOne(
  rig: Rig,
  agent: Agent,
  fuzz: FuzzCase,
  credential: object,
  tally: Tally,
): Promise<void> {
  let answer = await send(rig.server.url, agent, fuzz, credential);
  for (let attempt = 1; attempt < ATTEMPTS && isLater(answer); attempt += 1) {
    await sleep(100);
    answer = await send(rig.server.url, agent, fuzz, credential);
  }
  const { status, body, prototype } = answer;
  tally.statuses.set(status, (tally.statuses.get(status) ?? 0) + 1);
  if (status >= 500) {
    tally.violations.push(
      `case ${fuzz.index} (${fuzz.kind}, ${fuzz.path}): ${status} ${body.slice(0, 200)}`,
    );
  }
  if (prototype !== undefined && prototype !== 'clean') {
    tally.violations.push(`case ${fuzz.index} (${fuzz.kind}): Object.prototype has ${prototype}`);
  }
  if (status === 200 && fuzz.path === '/api/agent/sync') {
    tally.accepted.add(fuzz.index);
    tally.added += (JSON.parse(body) as { stats_added: number }).stats_added;
  }
}

/** As many as it can take: an honest answer to a crowd, and no fault. */
function isLater({ status, body }: Answer): boolean {
  return status === 429 || (status === 503 && body.includes('"code":"busy"'));
}

async function run(options: RunOptions): Promise<Outcome> {
  const { amount, isControl, seed, say } = options;
  const bodies = isControl ? 300 : amount === 'ci' ? 2_000 : 10_000;
  const seeds = amount === 'nightly' && !isControl ? [seed, seed + 1, seed + 2] : [seed];
  const outcomes: Outcome[] = [];
  for (const each of seeds) {
    const dir = join(options.dir, `seed-${each}`);
    outcomes.push(await runSeed({ ...options, dir, seed: each }, bodies));
    say(`seed ${each}: ${outcomes.at(-1)?.figures?.['answers']}`);
  }
  return {
    ...outcomes.at(-1)!,
    injected: `${bodies * seeds.length} bodies of ${seeds.length} seeds`,
    violations: outcomes.flatMap(({ violations }) => violations),
  };
}

async function runSeed(options: RunOptions, bodies: number): Promise<Outcome> {
  const { dir, seed, patches } = options;
  const project = await makeBuild(join(dir, 'build'), [PROTOTYPE_PROBE, ...patches]);
  await using rig = await startRig({ dir, project });
  const { token } = await openAdmin(rig.server.url, rig.admin);
  const keys: string[] = [];
  for (let n = 0; n < AGENTS; n += 1) keys.push((await rig.register(`agent-${n}`)).apiKey);
  using memory = watchMemory(() => rig.server.rssMb());

  const at = new Date(Math.floor(Date.now() / 60_000) * 60_000 - 86_400_000);
  const agent = new Agent({ keepAlive: true, maxSockets: WIDTH });
  const tally: Tally = { statuses: new Map(), accepted: new Set(), added: 0, violations: [] };
  let good = 0;
  try {
    await atOnce(WIDTH, Array.from({ length: bodies }), async (_, index) => {
      const fuzz = fuzzCase(seed, index, at);
      const isSync = fuzz.path === '/api/agent/sync';
      const credential = isSync
        ? { 'x-api-key': keys[index % AGENTS] }
        : { authorization: `Bearer ${token}` };
      await fuzzOne(rig, agent, fuzz, credential, tally);
      if (index % GOOD_EVERY !== GOOD_EVERY - 1) return;
      // Numbers no case has.
      const number = bodies + index;
      const reply = await deliver(
        rig.server.url,
        keys[index % AGENTS]!,
        JSON.stringify(goldenOf(0, number, at)),
      );
      if (reply.status === 200 && reply.body.stats_added > 0) {
        tally.accepted.add(number);
        tally.added += reply.body.stats_added;
        good += 1;
      } else {
        tally.violations.push(`a good batch after case ${index} was answered ${reply.status}`);
      }
    });
  } finally {
    agent.destroy();
  }

  const { stored, violations } = await compareStored(rig, tally);
  const peakMb = Math.round(memory.peakMb());
  if (peakMb >= MOST_MB) violations.push(`the server took ${peakMb} MB`);
  const answers = [...tally.statuses].sort(([a], [b]) => a - b);
  return {
    injected: `${bodies} bodies`,
    kept: tally.added,
    stored,
    duplicates: null,
    lost: null,
    violations: [...tally.violations.slice(0, 10), ...violations],
    figures: {
      answers: answers.map(([status, count]) => `${count} × ${status || 'closed'}`).join(', '),
      'good batches between': String(good),
      'memory of the server at its highest': `${peakMb} MB`,
    },
  };
}

/** Whatever is stored must be of a body that was answered 200. */
async function compareStored(
  rig: Rig,
  { accepted, added }: Tally,
): Promise<{ stored: number; violations: string[] }> {
  const violations: string[] = [];
  const miners = await rig.sql<{ ip: string; port: number }[]>`
    select host(ip_address) as ip, port from miners where is_auto_discovered`;
  const foreign = miners
    .map(({ ip, port }) => caseAt(ip, port))
    .filter((index) => index !== null && !accepted.has(index));
  if (foreign.length > 0) {
    violations.push(
      `${foreign.length} refused bodies left miners, e.g. cases ${foreign.slice(0, 5).join(', ')}`,
    );
  }
  const [receipts] = await rig.sql<{ count: number }[]>`
    select count(*)::int as count from ingest_receipts`;
  if ((receipts?.count ?? 0) > accepted.size) violations.push('more receipts than answers 200');
  const [counted] = await askInflux(rig.influx, 'hashyard', 'SELECT count(up) FROM miner');
  const stored = Number(counted?.values[0]?.[1] ?? 0);
  if (stored > added) violations.push(`${stored} samples are stored, answers named ${added}`);
  return { stored, violations };
}

export const fuzz: FaultRow = {
  number: 15,
  name: 'fuzz',
  fault: 'bodies and headers spoilt in every way',
  inCi: true,
  control: {
    without: 'the check of bodies against the contract',
    patches: [
      {
        file: 'server/app.ts',
        find: '  app.setValidatorCompiler(validatorCompiler);',
        replace: '  app.setValidatorCompiler(() => (value) => ({ value }));',
      },
    ],
  },
  run,
};

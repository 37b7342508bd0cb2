import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { makeBuild } from '../builds/build.ts';
import { openAdmin } from '../rig/admin.ts';
import { openInnerAgent, type InnerAgent } from '../rig/inner-agent.ts';
import { startRig, type Rig } from '../rig/rig.ts';
import { macOf, truthOf } from '../rig/truth.ts';
import { until } from '../rig/until.ts';
import { judged, type FaultRow, type Outcome, type RunOptions } from '../row.ts';

const AGENTS = 20;
const MINERS = 10;
const TICK_MS = 500;
const STEP_S = 60;
const DRAIN_MS = 60_000;

interface Working {
  site: number;
  agentId: number;
  apiKey: string;
  agent: InnerAgent;
}

async function startAgents(rig: Rig): Promise<Working[]> {
  // Nothing below warnings, and those to nobody: what the agents say is not the matter here.
  const log = pino({ level: 'silent' });
  const all: Working[] = [];
  for (let site = 1; site <= AGENTS; site += 1) {
    const { agentId, scope, apiKey } = await rig.register(`agent-${site}`);
    const dir = join(rig.dir, `queue-${site}`);
    const agent = await openInnerAgent({ dir, url: rig.links.agents.url, apiKey, log });
    rig.oracle.site({ site, scope, agentId, queueDir: dir });
    all.push({ site, agentId, apiKey, agent });
  }
  return all;
}

async function poll({ site, agent }: Working, rig: Rig, second: number): Promise<void> {
  rig.oracle.tell(site, `T ${second} ${MINERS}`);
  const at = new Date(second * 1000).toISOString();
  await agent.append({
    agent: { version: '0.0.0-faults', boot: 'boot' },
    miner_stats: Array.from({ length: MINERS }, (_, miner) => {
      const truth = truthOf(site, miner, second);
      return {
        ip_address: `127.${site}.0.${miner + 1}`,
        mac: macOf(site, miner),
        timestamp: at,
        hash_rate: truth.hashrateThs,
        temperature: truth.tempC,
        power_consumption: truth.powerW,
        accepted_shares: truth.accepted,
      };
    }),
  });
  rig.oracle.tell(site, `P ${second} ${MINERS}`);
}

const refusals = ({ agent }: Working): number =>
  agent.exchanges.filter(({ status }) => status === 401 || status === 403).length;

/** One of twenty agents under load loses its key, another gets a new one beside the old. */
async function run(options: RunOptions): Promise<Outcome> {
  const { dir, amount, isControl, patches } = options;
  const project = await makeBuild(join(dir, 'build'), patches);
  await using rig = await startRig({ dir, project });
  const { ask } = await openAdmin(rig.server.url, rig.admin);
  const agents = await startAgents(rig);
  await using stack = new AsyncDisposableStack();
  for (const { agent } of agents) stack.use(agent);
  const [revoked, rotated, ...others] = agents as [Working, Working, ...Working[]];
  const violations: string[] = [];

  // Load, until told to end: a poll of every agent each tick, spread over the tick.
  let second = Math.floor(Date.now() / 60_000) * 60 - 10 * 86_400;
  const ending = new AbortController();
  const load = (async () => {
    while (!ending.signal.aborted) {
      second += STEP_S;
      for (const each of agents) {
        await sleep(TICK_MS / AGENTS);
        await poll(each, rig, second);
      }
    }
  })();
  const stopLoad = async (): Promise<void> => {
    ending.abort();
    await load;
  };
  stack.defer(stopLoad);
  await until('every agent has delivered', 30_000, () =>
    agents.every(({ agent }) => agent.exchanges.some(({ status }) => status === 200)),
  );

  // Rotation: both keys serve, then the old one goes.
  const fresh = await ask<{ api_key: string }>('POST', `/api/agents/${rotated.agentId}/keys`);
  const idOf = async (apiKey: string): Promise<number> => {
    const [key] = await rig.sql<{ id: number }[]>`
      select id from agent_keys where key_id = ${apiKey.split('_')[1] ?? ''}`;
    return key!.id;
  };
  const info = async (apiKey: string): Promise<number> => {
    const answer = await fetch(`${rig.server.url}/api/agent/info`, {
      headers: { 'x-api-key': apiKey },
    });
    await answer.arrayBuffer();
    return answer.status;
  };
  const both = [await info(rotated.apiKey), await info(fresh.api_key)];
  if (both.join() !== '200,200') violations.push(`two live keys were answered ${both.join()}`);
  await rotated.agent.use(fresh.api_key);
  await ask('DELETE', `/api/agents/${rotated.agentId}/keys/${await idOf(rotated.apiKey)}`);
  if ((await info(rotated.apiKey)) !== 401) violations.push('the rotated key is still taken');

  // Revocation. Committed at the latest when it is answered.
  const before = revoked.agent.exchanges.length;
  await ask('DELETE', `/api/agents/${revoked.agentId}/keys/${await idOf(revoked.apiKey)}`);
  const committedAt = performance.now();
  const heldThen = revoked.agent.queue.stats().batches;
  const since = (status: number): number =>
    revoked.agent.exchanges.filter((one) => one.beganAt > committedAt && one.status === status)
      .length;
  const more = isControl || amount === 'ci' ? 5 : 20;
  await until('the revoked key is refused, or taken', 60_000, () => {
    const enough = revoked.agent.queue.stats().batches >= heldThen + more && since(401) > 0;
    return enough || since(200) > 0;
  });
  const [taken, refused] = [since(200), since(401)];
  if (taken > 0) violations.push(`${taken} batches were taken by the revoked key`);
  if (refused === 0) violations.push('no request with the revoked key was refused');
  const held = revoked.agent.queue.stats().batches;
  if (held <= heldThen) violations.push(`the revoked agent holds ${held} batches, not more`);

  // A new key heals it.
  const healing = await ask<{ api_key: string }>('POST', `/api/agents/${revoked.agentId}/keys`);
  await stopLoad();
  await revoked.agent.use(healing.api_key);
  await Promise.all(agents.map(({ agent }) => agent.drained(DRAIN_MS)));

  const hurt = [rotated, ...others].filter((each) => refusals(each) > 0);
  if (hurt.length > 0) violations.push(`${hurt.length} other agents were refused`);
  const outcome = judged(
    `1 key revoked and 1 rotated among ${AGENTS} agents under load`,
    await rig.oracle.judge(),
  );
  return {
    ...outcome,
    violations: [...violations, ...outcome.violations],
    figures: {
      'requests of the revoked key': `${before} before, then ${refused} refused and ${taken} taken`,
      'held by its agent until the new key': `${held} batches`,
    },
  };
}

export const keyRevoked: FaultRow = {
  number: 19,
  name: 'key-revoked',
  fault: 'a key revoked, another rotated, under load',
  inCi: false,
  control: {
    without: 'looking the key up for each request (60 s in a cache)',
    patches: [
      {
        file: 'server/features/enrolment/authenticate-agent.ts',
        find: 'const agents = new WeakMap<FastifyRequest, KnownAgent>();',
        replace: `const agents = new WeakMap<FastifyRequest, KnownAgent>();
const cached = new Map<string, { found: Promise<KnownAgent | null>; until: number }>();
function cachedAgentOfKey(sql: any, key: string) {
  const known = cached.get(key);
  if (known && known.until > Date.now()) return known.found;
  const found = agentOfKey(sql, key);
  cached.set(key, { found, until: Date.now() + 60_000 });
  return found;
}`,
      },
      {
        file: 'server/features/enrolment/authenticate-agent.ts',
        find: '      agentOfKey(sql, key),',
        replace: '      cachedAgentOfKey(sql, key),',
      },
    ],
  },
  run,
};

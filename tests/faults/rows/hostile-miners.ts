import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { PROJECT } from '../../../simulator/services/project.ts';
import { askInflux } from '../../../simulator/services/influxql.ts';
import { startSupervised } from '../../../simulator/services/supervised-process.ts';
import { HOSTILE_KINDS, startHostile } from '../../../simulator/hostile/index.ts';
import { overWeb, type HostileKind } from '../../../simulator/hostile/kind.ts';
import { makeBuild } from '../builds/build.ts';
import { foreignTags } from '../oracle/foreign-tags.ts';
import { watchMemory } from '../rig/memory.ts';
import { rssMbOf, startRig, type Rig } from '../rig/rig.ts';
import { until } from '../rig/until.ts';
import { startWholeAgent, type Cycle } from '../rig/whole-agent.ts';
import type { FaultRow, Outcome, RunOptions } from '../row.ts';

const POLL_S = 4;
const MOST_GROWTH_MB = 50;
const PORTS = [80, 4028];

/** Of this process: two runs at once keep out of each other's way. */
const range = (block: number): string =>
  `127.${block + (process.pid & 31)}.${(process.pid >> 5) & 255}`;
const GOOD = range(32);
const HOSTILE = range(64);
/** In no range: whoever comes here has been led away. */
const TRAP = `${range(96)}.1`;

/** They send their reader to the trap, in every way HTTP knows. */
const MISLEADING: readonly HostileKind[] = [
  '301 Moved Permanently',
  '302 Found',
  '303 See Other',
  '307 Temporary Redirect',
  '308 Permanent Redirect',
  '200 OK',
].map((status) =>
  overWeb({
    name: `misleads-${status.slice(0, 3)}`,
    does: `answers ${status} with another address`,
    misbehave: (socket) => {
      const to = `http://${TRAP}/`;
      const headers = `Location: ${to}\r\nContent-Location: ${to}\r\nRefresh: 0; url=${to}\r\nAlt-Svc: http="${TRAP}:80"\r\n`;
      socket.end(`HTTP/1.1 ${status}\r\n${headers}Content-Length: 0\r\nConnection: close\r\n\r\n`);
    },
  }),
);

/** What a reader without a deadline never leaves. */
const ENDLESS = new Set(['drip', 'never-ends', 'no-nul', 'body-drip', 'header-drip']);

interface Miner {
  ip: string;
  mac: string | null;
}

/** Good miners in a process of their own: what the hostile ones do must not starve them. */
async function startGood(dir: string, count: number) {
  const ready = Promise.withResolvers<Miner[]>();
  const farm = await startSupervised({
    command: process.execPath,
    args: [
      join(PROJECT, 'simulator/main.ts'),
      '--range',
      `${GOOD}.0/24`,
      '--miners',
      String(count),
    ],
    cwd: PROJECT,
    env: { PATH: process.env['PATH'], TZ: 'UTC' },
    logFile: join(dir, 'farm.log'),
    stopSignal: 'TERM',
    onLine: (line) => ready.resolve((JSON.parse(line) as { miners: Miner[] }).miners),
  });
  void farm.exited.then(() => ready.reject(new Error(`The farm ended: ${farm.logTail()}`)));
  return { miners: await ready.promise, stop: () => farm.stop() };
}

async function startTrap() {
  const visits: string[] = [];
  const servers = PORTS.map((port) =>
    createServer((socket) => {
      visits.push(`port ${port}`);
      socket.destroy();
    }).listen(port, TRAP),
  );
  await Promise.all(servers.map((server) => once(server, 'listening')));
  return {
    visits,
    [Symbol.dispose]: () => {
      for (const server of servers) server.close();
    },
  };
}

/** Good miners without a reading at the slot of a cycle. */
async function missedIn(rig: Rig, { slot }: Cycle, good: readonly Miner[]): Promise<string[]> {
  const series = await askInflux(
    rig.influx,
    'hashyard',
    `SELECT hashrate_ths, up FROM miner WHERE time = ${Date.parse(slot) / 1000}s GROUP BY miner`,
  );
  const read = new Set(
    series
      .filter(({ values: [row] }) => row?.[1] !== null && row?.[2] === 1)
      .map(({ tags }) => tags['miner']),
  );
  // Some firmwares do not tell their MAC.
  const isRead = ({ mac, ip }: Miner): boolean =>
    read.has(mac ?? '') || read.has(`ip-${ip.replaceAll('.', '-')}-4028`);
  return good.filter((miner) => !isRead(miner)).map(({ ip }) => ip);
}

async function run(options: RunOptions): Promise<Outcome> {
  const { dir, amount, isControl, patches } = options;
  const [goodCount, each, cycles] = isControl
    ? [40, 1, 1]
    : { ci: [200, 1, 3], full: [200, 5, 8], nightly: [200, 5, 100] }[amount];
  const project = await makeBuild(join(dir, 'build'), patches);
  await using rig = await startRig({ dir, project });
  const { apiKey } = await rig.register('agent');
  await using stack = new AsyncDisposableStack();
  const good = await startGood(dir, goodCount!);
  stack.defer(() => good.stop());
  using trap = await startTrap();
  const kinds = [...HOSTILE_KINDS, ...MISLEADING].filter(
    ({ name }) => !isControl || ENDLESS.has(name),
  );
  const addresses = Array.from(
    { length: kinds.length * each! },
    (_, index) => `${HOSTILE}.${index + 1}`,
  );
  stack.use(await startHostile({ addresses, kinds }));

  const agent = await startWholeAgent({
    dir: join(dir, 'agent'),
    project,
    serverUrl: rig.server.url,
    apiKey,
    ranges: [`${GOOD}.0/24`, `${HOSTILE}.0/24`],
    pollS: POLL_S,
  });
  stack.defer(() => agent.process.stop());
  const violations: string[] = [];
  await until('the scan has ended', 120_000, () => agent.isScanned());
  using memory = watchMemory(() => rssMbOf(agent.process.pid()));
  const limitMs = (cycles! + (isControl ? 2 : 6)) * POLL_S * 1000;
  await until(
    `${cycles! + 1} cycles have ended`,
    limitMs,
    () => agent.cycles.length > cycles!,
  ).catch((error: unknown) => violations.push(String(error)));
  const looks = memory.looksMb.filter((mb) => mb > 0);
  // In order: what it still holds is sealed and sent.
  await agent.process.stop();

  const missed: string[] = [];
  const counted = agent.cycles.slice(1);
  for (const cycle of counted) {
    for (const ip of await missedIn(rig, cycle, good.miners)) missed.push(`${cycle.slot} ${ip}`);
    if (cycle.skipped > 0)
      violations.push(`${cycle.skipped} skipped in the cycle of ${cycle.slot}`);
  }
  if (missed.length > 0) {
    violations.push(`${missed.length} readings of good miners are missing, e.g. ${missed[0]}`);
  }
  const perCycle = Math.ceil(POLL_S * 5);
  const early = Math.max(...looks.slice(0, 2 * perCycle));
  const late = Math.max(...looks.slice(-perCycle));
  if (late - early > MOST_GROWTH_MB) {
    violations.push(`the agent has grown from ${early} to ${late} MB`);
  }
  if (trap.visits.length > 0) violations.push(`it was led away ${trap.visits.length} times`);
  const elsewhere = (await agent.dialled()).filter(
    (address) =>
      !address.startsWith(`${GOOD}.`) &&
      !address.startsWith(`${HOSTILE}.`) &&
      address !== '127.0.0.1',
  );
  if (elsewhere.length > 0) violations.push(`it dialled ${elsewhere.join(', ')}`);
  if ((await agent.dialled()).length < goodCount!) violations.push('its dialling was not seen');
  const foreign = await foreignTags(rig);
  if (foreign.length > 0) violations.push(`in tags: ${foreign.slice(0, 5).join(', ')}`);

  const samples = counted.length * goodCount!;
  return {
    injected: `${kinds.length} kinds × ${each} hostile among ${goodCount} good, ${counted.length} cycles`,
    kept: samples,
    stored: samples - missed.length,
    duplicates: null,
    lost: missed.length,
    violations,
    figures: {
      'memory of the agent': `${Math.round(early)} MB, at the end ${Math.round(late)} MB`,
    },
  };
}

/** Root, or a system where everybody may listen on port 80. */
async function leftOut(): Promise<string | null> {
  const server = createServer().listen(80, TRAP);
  try {
    await once(server, 'listening');
    server.close();
    return null;
  } catch (error) {
    return `may not listen on port 80 of ${TRAP}: ${String(error)}`;
  }
}

const NEVER_MS = '2_000_000_000';

export const hostileMiners: FaultRow = {
  number: 17,
  name: 'hostile-miners',
  fault: 'miners that stream, drip, nest, lie and mislead',
  // simulator/hostile/agent-survives.test.ts is; this one waits for a whole scan, twice.
  inCi: false,
  leftOut,
  control: {
    without: 'deadlines for a whole conversation (only those for the first byte)',
    patches: [
      {
        file: 'agent/poll/cycle.ts',
        find: 'using limit = deadline(context.signal, deviceMs);',
        replace: `using limit = deadline(context.signal, ${NEVER_MS});`,
      },
      {
        file: 'agent/converse.ts',
        find: 'const BUDGET_MS = 10_000;',
        replace: `const BUDGET_MS = ${NEVER_MS};`,
      },
      {
        file: 'agent/transports/limits.ts',
        find: 'totalMs: 10_000,',
        replace: `totalMs: ${NEVER_MS},`,
      },
    ],
  },
  run,
};

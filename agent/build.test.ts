import { execFile, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { cp, mkdtemp, readFile, readdir, rm, stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { syncBody } from '#contract/sync.ts';
import type { SyncBody } from '#contract/sync.ts';
import { buildAgent } from './build.ts';

const execute = promisify(execFile);
const UNIT = fileURLToPath(new URL('miners-agent.service', import.meta.url));

/** All that may be in the bundle: what the agent declares, and what that needs. */
const PACKAGES = new Set([
  '@pinojs/redact',
  'atomic-sleep',
  'commander',
  'on-exit-leak-free',
  'pino',
  'pino-abstract-transport',
  'pino-std-serializers',
  'process-warning',
  'quick-format-unescaped',
  'real-require',
  'safe-stable-stringify',
  'sonic-boom',
  'split2',
  'thread-stream',
  'undici',
  'zod',
]);

let root: string;
let site: string;
let built: Awaited<ReturnType<typeof buildAgent>>;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'agent-build-'));
  built = await buildAgent(join(root, 'built'));
  // An empty folder elsewhere: nothing of the repository is in reach of it.
  site = join(root, 'site');
  await cp(join(root, 'built'), site, { recursive: true });
});
afterAll(() => rm(root, { recursive: true }));

/** The agent on site, with nothing of this machine's environment but the way to Node. */
function environment(more: Record<string, string> = {}): NodeJS.ProcessEnv {
  return {
    PATH: process.env['PATH'],
    LANG: 'C',
    AGENT_NETWORK: '127.84.0.0/30',
    AGENT_ALLOW: 'loopback',
    ...more,
  };
}

async function agent(args: string[], env: Record<string, string> = {}) {
  const command = [join(site, 'hashyard-agent.mjs'), ...args];
  try {
    const done = await execute(process.execPath, command, { cwd: site, env: environment(env) });
    return { code: 0, ...done };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { code, stdout, stderr };
  }
}

/** A server that speaks the contract and nothing else. */
async function contractServer(
  respond: (body: SyncBody) => boolean = () => true,
): Promise<{ url: string; bodies: SyncBody[] } & AsyncDisposable> {
  const bodies: SyncBody[] = [];
  const server: Server = createServer((request, response) => void handle(request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    bodies,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const send = (status: number, answer: object): void => {
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(JSON.stringify(answer));
    };
    if (request.headers['x-api-key'] !== 'good') {
      send(401, { detail: 'Invalid or inactive API key' });
      return;
    }
    if (request.url === '/api/agent/info') {
      const info = { id: 1, name: 'North', site_id: 1, description: null };
      send(200, { ...info, last_seen: null, is_active: true });
      return;
    }
    const json = gunzipSync(Buffer.concat(chunks));
    const body = syncBody.parse(JSON.parse(json.toString()));
    bodies.push(body);
    if (!respond(body)) {
      send(503, {});
      return;
    }
    send(200, {
      miners_added: 0,
      miners_updated: 0,
      stats_added: body.miner_stats.length,
      errors: [],
      batch: { ...body.batch, sha256: createHash('sha256').update(json).digest('hex') },
      duplicate: false,
      quarantined: [],
      gaps_taken: [],
      server_time: new Date().toISOString(),
      next: { live_ms: 0, backlog_ms: 0, max_bytes: 1_000_000 },
    });
  }
}

/** `run` on site; `line` resolves with the first log line of an event. */
function running(env: Record<string, string>): {
  child: ChildProcess;
  line(event: string): Promise<Record<string, unknown>>;
  stop(): Promise<number | null>;
} {
  const child = spawn(process.execPath, [join(site, 'hashyard-agent.mjs'), 'run'], {
    cwd: site,
    env: environment({ AGENT_POLL_INTERVAL: '1', ...env }),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const seen: Record<string, unknown>[] = [];
  const wanted = new Map<string, (entry: Record<string, unknown>) => void>();
  createInterface({ input: child.stdout }).on('line', (text) => {
    const entry = JSON.parse(text) as Record<string, unknown>;
    seen.push(entry);
    wanted.get(String(entry['event']))?.(entry);
  });
  return {
    child,
    line: (event) =>
      new Promise((resolve) => {
        const already = seen.find((entry) => entry['event'] === event);
        if (already) resolve(already);
        else wanted.set(event, resolve);
      }),
    async stop() {
      const gone = once(child, 'exit');
      child.kill('SIGTERM');
      const [code] = (await gone) as [number | null];
      return code;
    },
  };
}

describe('the agent as a site gets it', () => {
  it('says on an older Node which one it needs', async () => {
    const { engines } = JSON.parse(await readFile(join(site, 'package.json'), 'utf8')) as {
      engines: { node: string };
    };
    const pretend =
      'data:text/javascript,const value = { ...process.versions, node: "22.22.0" };' +
      'Object.defineProperty(process, "versions", { value });';
    const env = { NODE_OPTIONS: `--import=${JSON.stringify(pretend)}` };
    const said = await agent(['check'], env);
    expect(said.code).toBe(2);
    expect(said.stderr).toContain(
      `needs Node ${engines.node.replace('>=', '')} or newer; this is Node 22.22.0.`,
    );
    expect((await agent(['check'], { ...env, HASHYARD_LANG: 'ru' })).stderr).toContain(
      `требует Node ${engines.node.replace('>=', '')}`,
    );
  });

  it('is one file of agent, contract and the packages it declares', () => {
    const strange = built.inputs.filter((input) => {
      if (input.startsWith('agent/') || input.startsWith('contract/')) return false;
      const name = /^node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(input)?.[1];
      return name === undefined || !PACKAGES.has(name);
    });
    expect(strange).toEqual([]);
    expect(built.inputs).toContain('agent/main.ts');
    expect(built.inputs).not.toContain('agent/build.ts');
  });

  it('needs no package, and brings an example and the unit', async () => {
    expect((await readdir(site)).sort()).toEqual([
      'config.json.example',
      'hashyard-agent.mjs',
      'miners-agent.service',
      'package.json',
    ]);
    const manifest = JSON.parse(await readFile(join(site, 'package.json'), 'utf8')) as object;
    expect(manifest).not.toHaveProperty('dependencies');
    expect(manifest).toMatchObject({ bin: { 'hashyard-agent': 'hashyard-agent.mjs' } });
    expect((await stat(join(site, 'hashyard-agent.mjs'))).mode & 0o111).toBe(0o111);
    expect((await readFile(join(site, 'hashyard-agent.mjs'), 'utf8')).slice(0, 20)).toBe(
      '#!/usr/bin/env node\n',
    );
  });

  it('says its version, and help in two languages', async () => {
    expect((await agent(['--version'])).stdout).toMatch(/^\d+\.\d+\.\d+ \(.*node v\d+/);
    expect((await agent(['--help'])).stdout).toContain('Examples:');
    expect((await agent(['--help'], { LC_ALL: 'ru_RU.UTF-8' })).stdout).toContain('Примеры:');
  });

  it('ends with 2 on wrong usage or configuration, with 1 and the variable without a key', async () => {
    expect((await agent(['scann'])).code).toBe(2);
    expect((await agent(['scan', '--nope'])).code).toBe(2);
    expect(await agent(['scan', '--network', '010.0.0.1/24'])).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringContaining('010.0.0.1/24'),
    });
    expect(await agent(['run'])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('AGENT_API_KEY'),
    });
  });

  it('checks what it needs: 0 when all is well, 77 refused, 69 unreachable', async () => {
    await using server = await contractServer();
    const env = { AGENT_SERVER_URL: server.url, AGENT_API_KEY: 'good' };
    const well = await agent(['check'], env);
    expect(well.stdout).toMatch(/✓ server .* knows this agent as "North"/);
    expect(well).toMatchObject({ code: 0, stdout: expect.not.stringContaining('✗') });

    const refused = await agent(['check', '--json'], { ...env, AGENT_API_KEY: 'bad' });
    expect(refused.code).toBe(77);
    expect(JSON.parse(refused.stdout)).toMatchObject({ ok: false });
    // Port 1: nobody listens.
    const away = await agent(['check'], { ...env, AGENT_SERVER_URL: 'http://127.0.0.1:1' });
    expect(away).toMatchObject({ code: 69, stdout: expect.stringContaining('ECONNREFUSED') });
  });

  it('scans and probes nothing as nothing', async () => {
    const scanned = await agent(['scan', '--json']);
    expect(scanned.code).toBe(0);
    expect(JSON.parse(scanned.stdout)).toMatchObject({ addresses: 2, refused: 2, miners: [] });
    const probed = await agent(['probe', '127.84.0.1', '--json']);
    expect(probed.code).toBe(1);
    expect(JSON.parse(probed.stdout)).toMatchObject({ identified: false, open_ports: [] });
  });

  it('runs, reports its scan and its cycles, and stops in good order', async () => {
    await using server = await contractServer();
    const queueDir = join(root, 'queue-sent');
    const env = { AGENT_SERVER_URL: server.url, AGENT_API_KEY: 'good', AGENT_QUEUE_DIR: queueDir };
    const started = running(env);
    await started.line('scanned');
    await started.line('polled');
    expect(await started.line('acknowledged')).toMatchObject({ seq: expect.any(Number) });
    expect(await started.stop()).toBe(0);
    expect(server.bodies.some(({ scan }) => scan?.addresses === 2)).toBe(true);
    const cycle = server.bodies.find(({ agent: report }) => report?.cycle)?.agent;
    expect(cycle).toMatchObject({
      cycle: { miners: 0, reachable: 0 },
      backlog: { batches: expect.any(Number) },
      queue: { state: 'disk', in_memory: 0, dead: 0, damaged: 0 },
      clock_error_ms: expect.any(Number),
    });
    const held = await agent(['queue', '--json'], { AGENT_QUEUE_DIR: queueDir });
    expect(JSON.parse(held.stdout)).toMatchObject({ batches: 0, dead: 0, gaps: [] });
  });

  it('keeps polling and keeping without a server, and delivers when it is back', async () => {
    let away = true;
    await using server = await contractServer(() => !away);
    const queueDir = join(root, 'queue-held');
    const env = { AGENT_SERVER_URL: server.url, AGENT_API_KEY: 'good', AGENT_QUEUE_DIR: queueDir };
    const first = running(env);
    await first.line('not_sent');
    await first.line('polled');
    expect(await first.stop()).toBe(0);
    const held = await agent(['queue', '--json'], { AGENT_QUEUE_DIR: queueDir });
    const { batches, queue } = JSON.parse(held.stdout) as { batches: number; queue: string };
    expect(batches).toBeGreaterThanOrEqual(2);

    away = false;
    server.bodies.length = 0;
    const second = running(env);
    // While it runs the folder is its own.
    await second.line('started');
    const other = await agent(['run'], env);
    expect(other).toMatchObject({ code: 1, stderr: expect.stringContaining('in use by another') });
    const wanted = Array.from({ length: batches }, (_, index) => index + 1);
    await expect
      .poll(() => server.bodies.flatMap(({ batch }) => batch?.seq ?? []), { timeout: 20_000 })
      .toEqual(expect.arrayContaining(wanted));
    expect(await second.stop()).toBe(0);
    expect(new Set(server.bodies.map(({ batch }) => batch?.queue))).toEqual(new Set([queue]));
  });
});

describe('a machine whose clock is a day behind', () => {
  it('sends true times, also of what it read before it could ask a server', async () => {
    const dayMs = 86_400_000;
    const behind = `data:text/javascript,const now = Date.now; Date.now = () => now() - ${dayMs};`;
    const queueDir = join(root, 'queue-behind');
    const env = {
      NODE_OPTIONS: `--import=${JSON.stringify(behind)}`,
      AGENT_API_KEY: 'good',
      AGENT_QUEUE_DIR: queueDir,
    };
    const began = Math.floor(Date.now() / 1000) * 1000;
    const first = running({ ...env, AGENT_SERVER_URL: 'http://127.0.0.1:1' });
    await first.line('polled');
    expect(await first.stop()).toBe(0);
    expect(
      (await readdir(queueDir)).filter((name) => name.endsWith('.unsure.json.gz')),
    ).not.toEqual([]);
    await using server = await contractServer();
    const second = running({ ...env, AGENT_SERVER_URL: server.url });
    await second.line('clock_set');
    await expect
      .poll(() => server.bodies.map(({ batch }) => batch?.seq), { timeout: 20_000 })
      .toEqual(expect.arrayContaining([1, 2, 3]));
    expect(await second.stop()).toBe(0);
    const times = server.bodies.flatMap(({ agent: report, scan }) =>
      [report?.cycle?.at, scan?.started_at].flatMap((time) => (time ? [Date.parse(time)] : [])),
    );
    expect(times.length).toBeGreaterThanOrEqual(3);
    // Two seconds are the difference that is left alone, one is cut off.
    const isTrue = (time: number): boolean => time >= began - 3000 && time <= Date.now() + 3000;
    expect(times.filter((time) => !isTrue(time))).toEqual([]);
    expect(server.bodies.filter(({ batch }) => batch?.unsure)).toEqual([]);
  });
});

/** A stop takes no longer, whatever hangs; the tests wait twice as long, for a machine that does much else. */
const PROMISED_MS = 10_000;

describe('a stop in the worst of times', () => {
  it('seals what it has though the server hangs', async () => {
    const server = createServer(() => undefined);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const queueDir = join(root, 'queue-hung-server');
    const started = running({
      AGENT_SERVER_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      AGENT_API_KEY: 'good',
      AGENT_QUEUE_DIR: queueDir,
    });
    await started.line('polled');
    const limit = setTimeout(() => started.child.kill('SIGKILL'), 2 * PROMISED_MS);
    expect(await started.stop()).toBe(0);
    clearTimeout(limit);
    server.closeAllConnections();
    server.close();
    const held = await agent(['queue', '--json'], { AGENT_QUEUE_DIR: queueDir });
    expect(JSON.parse(held.stdout)).toMatchObject({ running: false, gaps: [] });
    expect((JSON.parse(held.stdout) as { batches: number }).batches).toBeGreaterThanOrEqual(2);
  });

  it('seals what it has though a read of the disk hangs, and does not wait for that', async () => {
    let away = true;
    await using server = await contractServer(() => !away);
    const queueDir = join(root, 'queue-hung-disk');
    const env = { AGENT_SERVER_URL: server.url, AGENT_API_KEY: 'good', AGENT_QUEUE_DIR: queueDir };
    const first = running(env);
    await first.line('polled');
    expect(await first.stop()).toBe(0);
    const [oldest = ''] = (await readdir(queueDir)).filter((name) => name.endsWith('.gz')).sort();
    // Whoever opens it waits for a writer who never comes.
    await rm(join(queueDir, oldest));
    await execute('mkfifo', [join(queueDir, oldest)]);
    away = false;
    const second = running(env);
    await second.line('acknowledged');
    // The backlog begins within a poll.
    await new Promise((resolve) => setTimeout(resolve, 2000));
    away = true;
    let late = false;
    const limit = setTimeout(() => {
      late = true;
      second.child.kill('SIGKILL');
    }, 2 * PROMISED_MS);
    await second.stop();
    clearTimeout(limit);
    // A thread that hangs holds up process.exit.
    expect(late).toBe(false);
    expect(await second.line('stopped')).toMatchObject({ held: expect.any(Number) });
    expect(await readdir(queueDir)).toContain(oldest);
  }, 60_000);
});

describe('the systemd unit', () => {
  it('restarts always, and scores 1.5 or better', async ({ annotate }) => {
    const unit = await readFile(UNIT, 'utf8');
    expect(unit).toContain('Restart=always');
    expect(unit).toContain('RestartSec=10');
    const scored = await execute('systemd-analyze', ['security', '--offline=true', UNIT]).catch(
      (error: NodeJS.ErrnoException) => error,
    );
    if (scored instanceof Error && scored.code === 'ENOENT') {
      process.stdout.write('miners-agent.service: not scored, systemd-analyze is not here\n');
      await annotate('not scored: systemd-analyze is not here');
      return;
    }
    const { stdout } = scored as { stdout: string };
    const exposure = /exposure level for \S+: ([\d.]+)/.exec(stdout)?.[1];
    expect(Number(exposure)).toBeLessThanOrEqual(1.5);
  });
});

import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { SyncRequest } from '#contract/sync.ts';
import { makeClock } from '../clock.ts';
import { openQueue } from '../queue/queue.ts';
import type { Queue } from '../queue/queue.ts';
import { connectServer } from './post.ts';
import type { Server } from './post.ts';
import { startUplink } from './uplink.ts';
import type { Uplink } from './uplink.ts';

interface Received {
  seq: number;
  body: SyncRequest;
  headers: IncomingMessage['headers'];
}
type Reply = { status: number; body: unknown; headers?: Record<string, string> };

let dir: string;
let queue: Queue;
let server: Server;
let received: Received[];
/** Its answer to who asks for the time, and how many have. */
let info: { status: number; date: string; body: unknown };
let asked: number;
/** What the HTTP server says; undefined acknowledges. */
let respond: (got: Received) => Reply | undefined;
let closing: (() => Promise<unknown>)[];
const events: Record<string, unknown>[] = [];
const record = (entry: Record<string, unknown>): void => void events.push(entry);
const log = { info: record, warn: record, error: record, debug: record };

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'agent-uplink-'));
  queue = await openQueue({ dir, log });
  received = [];
  events.length = 0;
  respond = () => undefined;
  asked = 0;
  info = {
    status: 200,
    date: new Date().toUTCString(),
    body: { id: 1, name: 'n', site_id: 1, description: null, last_seen: null, is_active: true },
  };
  const http = createServer((request, response) => void handle(request, response));
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  server = connectServer({
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
    apiKey: 'the-key',
  });
  closing = [
    () => queue.close(),
    () => server.close(),
    () => new Promise((resolve) => http.close(resolve)),
    () => rm(dir, { recursive: true }),
  ];
});
afterEach(async () => {
  for (const close of closing) await close();
});

async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  if (request.url === '/api/agent/info') {
    response.writeHead(info.status, { 'content-type': 'application/json', date: info.date });
    response.end(JSON.stringify(info.body));
    asked += 1;
    return;
  }
  const json = gunzipSync(Buffer.concat(chunks));
  const body = JSON.parse(json.toString()) as SyncRequest;
  const got = { seq: body.batch?.seq ?? -1, body, headers: request.headers };
  received.push(got);
  const reply = respond(got) ?? acknowledge(body, json);
  response.writeHead(reply.status, { 'content-type': 'application/json', ...reply.headers });
  response.end(JSON.stringify(reply.body));
}

const acknowledge = (body: SyncRequest, json: Buffer): Reply => ({
  status: 200,
  body: {
    miners_added: 0,
    miners_updated: 0,
    stats_added: 0,
    errors: [],
    batch: { ...body.batch, sha256: createHash('sha256').update(json).digest('hex') },
    duplicate: false,
    quarantined: [],
    gaps_taken: (body.agent?.gaps ?? []).map(({ id }) => id),
    server_time: new Date().toISOString(),
    next: { live_ms: 0, backlog_ms: 0, max_bytes: 1_000_000 },
  },
});
const refuse = (status: number, code: string): Reply => ({
  status,
  body: { type: 'urn:x', title: 't', status, code, detail: 'd' },
});

const body = (value: number, samples = 1): SyncRequest => ({
  discovered_miners: [],
  miner_stats: Array.from({ length: samples }, (_, index) => ({
    ip_address: `10.0.0.${index + 1}`,
    timestamp: '2026-03-01T10:00:00.000Z',
    hash_rate: value,
  })),
  agent: { version: '1', boot: 'b' },
});

function start(options: Partial<Parameters<typeof startUplink>[0]> = {}): Uplink {
  const uplink = startUplink({
    queue,
    server,
    freshMs: 60_000,
    log,
    random: () => 0,
    keyRefusedMs: 10,
    ...options,
  });
  closing.unshift(() => uplink.stop(100));
  return uplink;
}

const lane = (name: string) =>
  events.filter((entry) => entry['lane'] === name).map((entry) => entry['seq']);
const until = (work: () => void) => vi.waitFor(work, { timeout: 15_000, interval: 10 });
const sequence = (): number[] => received.map(({ seq }) => seq);

const momentOf = (id: string): number =>
  createHash('sha256').update(id).digest().readUInt32BE() / 2 ** 32;

describe('uplink', () => {
  it('sends a file as it lies on disk, with the key, and deletes it on its acknowledgement', async () => {
    await queue.append(body(5));
    start();
    await until(() => expect(queue.stats().batches).toBe(0));
    expect(received[0]).toMatchObject({
      seq: 1,
      body: { batch: { queue: queue.id, seq: 1 }, miner_stats: [{ hash_rate: 5 }] },
      headers: {
        'x-api-key': 'the-key',
        'content-encoding': 'gzip',
        'content-type': 'application/json',
      },
    });
    const said = { event: 'acknowledged', seq: 1, samples: 1, lane: 'backlog' };
    await until(() => expect(events).toContainEqual(expect.objectContaining(said)));
  });

  it('sends the present before the past: newest first, then the backlog oldest first', async () => {
    for (const value of [1, 2, 3, 4, 5, 6]) await queue.append(body(value));
    const gate = Promise.withResolvers<void>();
    const gated: Server = {
      ...server,
      sync: (gz, signal) => gate.promise.then(() => server.sync(gz, signal)),
    };
    const uplink = startUplink({ queue, server: gated, freshMs: 60_000, log, random: () => 0 });
    closing.unshift(() => uplink.stop(100));
    uplink.fresh(5);
    uplink.fresh(6);
    gate.resolve();
    await until(() => expect(queue.stats().batches).toBe(0));
    await until(() => expect(lane('backlog')).toEqual([1, 2, 3, 4]));
    expect(lane('live')).toEqual([6, 5]);
  });

  it('holds the backlog back until the live lane gets through', async () => {
    for (const value of [1, 2, 3]) await queue.append(body(value));
    let failing = true;
    respond = () => (failing ? refuse(503, 'database_unavailable') : undefined);
    const uplink = start();
    await until(() => expect(events).toContainEqual(expect.objectContaining({ failures: 1 })));
    const { seq } = await queue.append(body(4));
    uplink.fresh(seq);
    await until(() => expect(sequence()).toContain(seq));
    failing = false;
    const before = received.length;
    await until(() => expect(queue.stats().batches).toBe(0));
    expect(sequence()[before]).toBe(seq);
  });

  it('sends what failed as backlog, and is fresh, without a poll that wakes it', async () => {
    let failing = true;
    respond = () => (failing ? refuse(503, 'database_unavailable') : undefined);
    const { seq } = await queue.append(body(1));
    const uplink = start();
    // The backlog has it in flight.
    uplink.fresh(seq);
    await until(() => expect(events).toContainEqual(expect.objectContaining({ failures: 1 })));
    failing = false;
    await until(() => expect(queue.stats().batches).toBe(0));
    expect(lane('live')).toEqual([seq]);
  });

  it('begins the backlog at the pace told with the first live batch after an outage', async () => {
    let away = true;
    respond = (got) => {
      if (away) return refuse(503, 'metrics_unavailable');
      const reply = acknowledge(got.body, Buffer.from(JSON.stringify(got.body)));
      const next = { live_ms: 0, backlog_ms: 600_000, max_bytes: 1_000_000 };
      return { ...reply, body: { ...(reply.body as object), next } };
    };
    await queue.append(body(1));
    await queue.append(body(2));
    const uplink = startUplink({ queue, server, freshMs: 60_000, log, random: () => 0.5 });
    closing.unshift(() => uplink.stop(100));
    const { seq } = await queue.append(body(3));
    uplink.fresh(seq);
    await until(() => expect(received.length).toBeGreaterThan(0));
    away = false;
    await until(() => expect(lane('live')).toEqual([seq]));
    const next = Date.parse(uplink.lanes().backlog.next_attempt ?? '') - Date.now();
    expect(next).toBeGreaterThan(250_000);
    expect(lane('backlog')).toEqual([]);
  });

  it('keeps the batch and tries again whatever fails, and never a portal takes it', async () => {
    await queue.append(body(1));
    const failures: Reply[] = [
      { status: 200, body: { ok: true } },
      { status: 502, body: 'bad gateway' },
    ];
    respond = () => failures.shift();
    start();
    await until(() => expect(queue.stats().batches).toBe(0));
    expect(sequence()).toEqual([1, 1, 1]);
    const said = { event: 'connected', after: 2 };
    await until(() => expect(events).toContainEqual(expect.objectContaining(said)));
  });

  it('keeps everything while the key is refused, says so once, and heals by itself', async () => {
    await queue.append(body(1));
    let refusals = 3;
    respond = () => {
      refusals -= 1;
      return refusals >= 0 ? refuse(401, 'invalid_key') : undefined;
    };
    start();
    await until(() => expect(queue.stats().batches).toBe(0));
    expect(events.filter(({ event }) => event === 'key_refused')).toHaveLength(1);
  });

  it('lays aside what the server can never store and goes on', async () => {
    await queue.append(body(1));
    await queue.append(body(2));
    respond = ({ seq }) => (seq === 1 ? refuse(422, 'invalid_body') : undefined);
    start();
    await until(() => expect(queue.stats().batches).toBe(0));
    expect(await readdir(join(dir, 'dead'))).toEqual(['0000000000000001.json.gz']);
    expect(queue.stats().gaps).toMatchObject([{ reason: 'refused', samples: 1 }]);
  });

  it('splits what is too large until it fits, and loses no sample', async () => {
    await queue.append({ ...body(1, 5), discovered_miners: [{ ip_address: '10.0.0.1' }] });
    const stored: string[] = [];
    respond = ({ body: sent }) => {
      if ((sent.miner_stats?.length ?? 0) > 2) return refuse(413, 'too_large');
      stored.push(...(sent.miner_stats ?? []).map(({ ip_address }) => ip_address));
      return undefined;
    };
    start();
    await until(() => expect(queue.stats().batches).toBe(0));
    expect(stored.sort()).toEqual(['10.0.0.1', '10.0.0.2', '10.0.0.3', '10.0.0.4', '10.0.0.5']);
    expect(
      received.filter(({ body: sent }) => sent.discovered_miners?.length === 1),
    ).not.toHaveLength(0);
  });

  it('buries a single sample that is too large', async () => {
    await queue.append(body(1, 2));
    respond = () => refuse(413, 'too_large');
    start();
    await until(() => expect(queue.stats().batches).toBe(0));
    expect(await readdir(join(dir, 'dead'))).toHaveLength(2);
  });

  it('goes on under a new queue id when the server knows this one with other content', async () => {
    await queue.append(body(1));
    await queue.append(body(2));
    const old = queue.id;
    respond = ({ body: sent }) =>
      sent.batch?.queue === old ? refuse(409, 'seq_reused') : undefined;
    start();
    await until(() => expect(queue.stats().batches).toBe(0));
    expect(queue.id).not.toBe(old);
    const values = received
      .filter(({ body: sent }) => sent.batch?.queue === queue.id)
      .map(({ body: sent }) => sent.miner_stats?.[0]?.hash_rate);
    expect(new Set(values)).toEqual(new Set([1, 2]));
  });

  it('forgets the gaps that the server has recorded', async () => {
    await queue.lost([body(1)], 'memory');
    await queue.append(body(2));
    start();
    await until(() => expect(queue.stats().gaps).toEqual([]));
    expect(received[0]?.body.agent?.gaps).toMatchObject([{ reason: 'memory' }]);
  });

  it('leaves the backlog on disk when it stops, and sends what is new', async () => {
    await queue.append(body(1));
    respond = ({ seq }) => (seq === 1 ? refuse(503, 'busy') : undefined);
    const uplink = start();
    await until(() => expect(received).not.toHaveLength(0));
    respond = () => undefined;
    const { seq } = await queue.append(body(2));
    uplink.fresh(seq);
    await uplink.stop(5000);
    expect(sequence()).toContain(seq);
    expect(queue.held().map((batch) => batch.seq)).not.toContain(seq);
  });

  it('says which lane a batch comes by', async () => {
    await queue.append(body(1));
    const { seq } = await queue.append(body(2));
    const uplink = start();
    uplink.fresh(seq);
    await until(() => expect(queue.stats().batches).toBe(0));
    const lanes = received.map((got) => [got.seq, got.headers['x-lane']]);
    expect(Object.fromEntries(lanes)).toEqual({ 1: 'backlog', [seq]: 'live' });
  });

  it.each([
    [429, 'slow_down'],
    [503, 'busy'],
  ])('lets the live lane through while a %i %s holds the backlog', async (status, code) => {
    await queue.append(body(1));
    respond = ({ headers }) =>
      headers['x-lane'] === 'backlog'
        ? { ...refuse(status, code), headers: { 'retry-after': '3600' } }
        : undefined;
    const uplink = start();
    await until(() => expect(sequence()).toEqual([1]));
    for (const value of [2, 3]) {
      const { seq } = await queue.append(body(value));
      uplink.fresh(seq);
      await until(() => expect(queue.find(seq)).toBeNull());
    }
    expect(sequence()).toEqual([1, 2, 3]);
    expect(uplink.lanes()).toMatchObject({
      live: { failures: 0, next_attempt: null },
      backlog: { failures: 1, next_attempt: expect.any(String) },
    });
  });

  it('holds both lanes when the server itself is in trouble', async () => {
    await queue.append(body(1));
    respond = () => ({
      ...refuse(503, 'database_unavailable'),
      headers: { 'retry-after': '3600' },
    });
    const uplink = start();
    await until(() => expect(uplink.lanes().backlog.failures).toBe(1));
    expect(uplink.lanes().live).toMatchObject({ failures: 1, next_attempt: expect.any(String) });
    expect(queue.stats().lastError?.text).toContain('database_unavailable');
  });

  it('keeps everything for a server that needs a newer agent, and says so once', async () => {
    await queue.append(body(1));
    respond = () => refuse(426, 'upgrade');
    const uplink = start();
    await until(() => expect(uplink.lanes().backlog.failures).toBe(1));
    const inAnHour = Date.now() + 0.8 * 3_600_000;
    expect(Date.parse(uplink.lanes().live.next_attempt ?? '')).toBeGreaterThan(inAnHour - 60_000);
    expect(queue.stats().batches).toBe(1);
    expect(events.filter(({ event }) => event === 'upgrade')).toHaveLength(1);
  });

  it('sends what is of now at its own moment within the time the server gives', async () => {
    respond = ({ body: sent }) => {
      const reply = acknowledge(sent, Buffer.from(JSON.stringify(sent)));
      const next = { live_ms: 20_000, backlog_ms: 0, max_bytes: 1 };
      return { ...reply, body: { ...(reply.body as object), next } };
    };
    for (let tries = 0; tries < 100 && momentOf(queue.id) < 0.1; tries += 1) await queue.renewId();
    const uplink = start();
    const first = await queue.append(body(1));
    uplink.fresh(first.seq);
    await until(() => expect(queue.stats().batches).toBe(0));
    const second = await queue.append(body(2));
    uplink.fresh(second.seq);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(sequence()).toEqual([1]);
    // A stop does not wait for it.
    await uplink.stop(5000);
    expect(sequence()).toEqual([1, 2]);
  });

  it('sends from memory what the disk refuses', async () => {
    for (const name of ['tmp', 'odd']) {
      await rm(join(dir, name), { recursive: true });
      await writeFile(join(dir, name), '');
    }
    const uplink = start();
    for (const value of [1, 2]) {
      const { seq } = await queue.append(body(value));
      expect(seq).toBeLessThan(0);
      uplink.fresh(seq);
    }
    await until(() => expect(queue.stats().batches).toBe(0));
    expect(new Set(sequence())).toEqual(new Set([1, 2]));
    expect(received.every(({ body: sent }) => sent.batch?.queue !== queue.id)).toBe(true);
    for (const name of ['tmp', 'odd']) await rm(join(dir, name));
  });

  describe('with a clock that nobody has confirmed', () => {
    const HOUR = 3_600_000;
    const slowClock = () =>
      makeClock({
        log,
        boot: 'boot',
        system: { wall: () => Date.now() - HOUR, monotonic: () => performance.now() },
      });

    it('asks for the time before it sends, and sends with the times put right', async () => {
      const clock = slowClock();
      await queue.close();
      queue = await openQueue({ dir, log, clock });
      const at = new Date(Math.floor(clock.wall() / 1000) * 1000).toISOString();
      const sample = { ip_address: '10.0.0.1', timestamp: at };
      await queue.append({ ...body(1), miner_stats: [sample] }, clock.stamp());
      start({ clock });
      await until(() => expect(queue.stats().batches).toBe(0));
      expect(asked).toBe(1);
      const sent = received[0]?.body;
      expect(sent?.batch).not.toHaveProperty('unsure');
      const sentAt = Date.parse(sent?.miner_stats?.[0]?.timestamp ?? '');
      expect(Math.abs(sentAt - Date.parse(at) - HOUR)).toBeLessThanOrEqual(4000);
      expect(sentAt % 1000).toBe(0);
      expect(Math.abs((clock.errorMs() ?? 0) + HOUR)).toBeLessThan(60_000);
    });

    it('sends nothing until somebody says the time who is our server', async () => {
      const clock = slowClock();
      await queue.append(body(1));
      const ours = info;
      info = { ...info, body: '<html>portal</html>' };
      start({ clock });
      await until(() => expect(asked).toBeGreaterThan(0));
      await until(() =>
        expect(events).toContainEqual(expect.objectContaining({ event: 'not_sent' })),
      );
      expect([received, clock.isSure()]).toEqual([[], false]);
      info = ours;
      await until(() => expect(queue.stats().batches).toBe(0));
    });
  });
});

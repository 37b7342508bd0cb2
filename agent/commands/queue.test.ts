import { mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { AgentConfig } from '../config.ts';
import { en, ru } from '../messages.ts';
import { fileNameOf } from '../queue/batch-file.ts';
import { QUEUE_LIMITS, openQueue } from '../queue/queue.ts';
import type { Queue } from '../queue/queue.ts';
import { queueCommand } from './queue.ts';

const log = { info: () => undefined, warn: () => undefined, error: () => undefined };

let dir: string;
let queue: Queue | null;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'agent-command-'));
  queue = null;
});
afterEach(async () => {
  await queue?.close();
  await rm(dir, { recursive: true });
});

const body = (rate: number) => ({
  discovered_miners: [],
  miner_stats: [{ ip_address: '10.0.0.1', timestamp: '2026-03-01T10:00:00.000Z', hash_rate: rate }],
  agent: { version: '1', boot: 'b' },
});

async function told(
  options: { exported?: string; json?: boolean; language?: 'en' | 'ru' } = {},
): Promise<{ code: number; text: string }> {
  let text = '';
  const spies = [process.stdout, process.stderr].map((stream) =>
    vi.spyOn(stream, 'write').mockImplementation((chunk) => {
      if (stream === process.stdout) text += String(chunk);
      return true;
    }),
  );
  try {
    const code = await queueCommand(options.exported)({
      config: { queueDir: dir } as AgentConfig,
      say: options.language === 'ru' ? ru : en,
      json: options.json ?? false,
      signal: new AbortController().signal,
    });
    return { code, text };
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}

const rateOf = async (seq: string): Promise<unknown> =>
  JSON.parse((await told({ exported: seq })).text).miner_stats[0];

describe('hashyard-agent queue', () => {
  it('tells what the running agent holds in memory, what failed and what comes next', async () => {
    queue = await openQueue({ dir, log });
    const lane = { in_flight: null, failures: 0, next_attempt: null };
    const failing = { in_flight: null, failures: 4, next_attempt: '2026-03-01T12:00:09.000Z' };
    queue.alsoReport(() => ({ lanes: { live: failing, backlog: lane } }));
    await queue.append(body(1));
    for (const name of ['tmp', 'odd']) {
      await rm(join(dir, name), { recursive: true });
      await writeFile(join(dir, name), '');
    }
    await queue.append(body(2));
    await queue.lost([body(3)], 'memory');
    queue.trouble('ECONNREFUSED');

    const { text, code } = await told();
    expect(code).toBe(0);
    expect(text).toMatch(/^2 batches held, [\d.]+ k?B/);
    expect(text).toContain('1 of them are in memory only');
    expect(text).toContain('live: 4 attempts failed in a row, next at 2026-03-01T12:00:09.000Z');
    expect(text).not.toContain('backlog:');
    expect(text).toMatch(/Last error, \d{4}-\S+: ECONNREFUSED/);
    expect(text).toContain('no room in memory: 1 batches, 1 samples');
    expect(text).not.toContain('No agent runs');
    expect(JSON.parse((await told({ json: true })).text)).toMatchObject({
      dir,
      running: true,
      queue: queue.id,
      batches: 2,
      state: 'memory',
      in_memory: { batches: 1 },
      last_error: { text: 'ECONNREFUSED' },
      lanes: { live: failing },
      gaps: [{ reason: 'memory' }],
    });
    expect((await told({ language: 'ru' })).text).toContain('не поместились в память: пакетов 1');
    for (const name of ['tmp', 'odd']) await rm(join(dir, name));
  });

  it('reads the folder when no agent runs, with what is set aside by name', async () => {
    const first = await openQueue({ dir, log, limits: { ...QUEUE_LIMITS, maxBytes: 1 } });
    for (const rate of [1, 2, 3]) await first.append(body(rate));
    await first.bury(3);
    const { seq } = await first.append(body(4));
    await first.close();
    const { text } = await told();
    expect(text).toMatch(/^1 batches held/);
    expect(text).toContain('No agent runs on this folder.');
    expect(text).toContain(`dead/, refused by the server: 1\n  ${fileNameOf(3)}`);
    expect(text).toContain('queue full: 2 batches, 2 samples');
    expect(text).toContain('from 2026-03-01T10:00:00.000Z to 2026-03-01T10:00:00.000Z');
    expect(JSON.parse((await told({ json: true })).text)).toMatchObject({
      running: false,
      batches: seq - 3,
      dead: 1,
      damaged: 0,
      set_aside: { dead: [fileNameOf(3)], damaged: [], odd: [] },
    });
  });

  it('says that there is none', async () => {
    await rm(dir, { recursive: true });
    expect((await told()).text).toContain('No queue in');
    expect(JSON.parse((await told({ json: true })).text)).toMatchObject({ batches: 0 });
    queue = await openQueue({ dir, log });
    expect((await told()).text).toBe('Nothing is held: the server has everything.\n');
  });

  it('exports a batch from the queue, from dead/, and with the times it is sent with', async () => {
    queue = await openQueue({ dir, log });
    await queue.append(body(1));
    await queue.append(body(2));
    await queue.bury(1);
    expect(await rateOf('1')).toMatchObject({ hash_rate: 1 });
    expect(await rateOf('0002')).toMatchObject({ hash_rate: 2 });
    const shifted = fileNameOf({ seq: 2, unsure: false, shiftMs: 60_000, sentAs: null });
    await rename(join(dir, fileNameOf(2)), join(dir, shifted));
    expect(await rateOf('2')).toMatchObject({ timestamp: '2026-03-01T10:01:00.000Z' });
  });

  it('exports what can be read of a damaged one, and says when there is nothing', async () => {
    queue = await openQueue({ dir, log });
    await queue.append({
      ...body(1),
      miner_stats: Array.from({ length: 2000 }, (_, index) => ({
        ip_address: `10.0.${index >> 8}.${index & 255}`,
        timestamp: `2026-03-01T10:00:00.000Z`,
        hash_rate: Math.sin(index),
      })),
    });
    const file = join(dir, fileNameOf(1));
    const whole = await readFile(file);
    await writeFile(file, whole.subarray(0, whole.length / 2));
    expect(await queue.load(1)).toBeNull();
    const { text, code } = await told({ exported: '1' });
    expect(code).toBe(3);
    expect(text).toMatch(
      /^\{"discovered_miners":\[\],"miner_stats":\[\{"ip_address":"10\.0\.0\.0"/,
    );
    await writeFile(join(dir, 'damaged', fileNameOf(1)), 'nothing');
    await expect(told({ exported: '1' })).rejects.toThrow(/cannot be read/);
    await expect(told({ exported: '77' })).rejects.toThrow(/No batch 77/);
    await expect(told({ exported: '../1' })).rejects.toThrow(/is not the number of a batch/);
  });
});

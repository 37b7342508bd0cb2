import type { Patch } from './build.ts';

/**
 * Waiting times of the agent, shortened so that minutes of a site pass in seconds. Rows that measure time keep the
 * real ones.
 */
export const HASTY_AGENT: readonly Patch[] = [
  {
    file: 'agent/uplink/backoff.ts',
    find: 'const FIRST_MS = 1000;',
    replace: 'const FIRST_MS = 50;',
  },
  {
    file: 'agent/uplink/uplink.ts',
    find: 'const MOST_BACKOFF_MS = 60_000;',
    replace: 'const MOST_BACKOFF_MS = 1_000;',
  },
  {
    file: 'agent/uplink/answer.ts',
    find: 'const LONGEST_WAIT_MS = 3_600_000;',
    replace: 'const LONGEST_WAIT_MS = 500;',
  },
];

/**
 * Waiting times of an agent whose minute lasts `minuteMs`, all by the same factor, and a server that bears the rates
 * this makes: its limits for one agent and its shortest pace are meant for minutes that last a minute.
 */
export const minutesOf = (minuteMs: number): readonly Patch[] => [
  {
    file: 'agent/uplink/backoff.ts',
    find: 'const FIRST_MS = 1000;',
    replace: `const FIRST_MS = ${minuteMs / 60};`,
  },
  {
    file: 'agent/uplink/uplink.ts',
    find: 'const MOST_BACKOFF_MS = 60_000;',
    replace: `const MOST_BACKOFF_MS = ${minuteMs};`,
  },
  {
    file: 'agent/uplink/answer.ts',
    find: 'const LONGEST_WAIT_MS = 3_600_000;',
    replace: `const LONGEST_WAIT_MS = ${minuteMs};`,
  },
  {
    file: 'server/features/ingest/pace.ts',
    find: 'const BACKLOG_MS = { least: 50,',
    replace: 'const BACKLOG_MS = { least: 0,',
  },
  {
    file: 'server/features/ingest/agent-limits.ts',
    find: 'const SYNCS = 600;',
    replace: 'const SYNCS = 600_000;',
  },
  {
    file: 'server/features/ingest/agent-limits.ts',
    find: 'const BYTES = 240_000_000;',
    replace: 'const BYTES = 240_000_000_000;',
  },
];

/** The server answers when it has put the lines into a buffer that is written each second: what so many do. */
export const ANSWER_BEFORE_INFLUX: readonly Patch[] = [
  {
    file: 'server/features/ingest/sync.ts',
    find: 'refused = await writeBatch(influx, config.influx.database, lines, signal);',
    replace: 'writeBatch(influx, config.influx.database, lines, signal).catch(() => undefined);',
  },
];

/** A file grows under its final name. */
export const WRITTEN_IN_PLACE: readonly Patch[] = [
  {
    file: 'agent/queue/durable.ts',
    find: 'const temporary = join(tmpDir, randomUUID());',
    replace: 'const temporary = file;',
  },
  {
    file: 'agent/queue/durable.ts',
    find: "await open(temporary, 'wx', 0o600)",
    replace: "await open(temporary, 'w', 0o600)",
  },
];

/** The new name of a file is left to the kernel. */
export const FOLDER_NOT_SYNCED: readonly Patch[] = [
  {
    file: 'agent/queue/durable.ts',
    find: "if (process.platform === 'win32') return;",
    replace: "if (process.platform !== 'win32') return;",
  },
];

/** What can be unpacked somehow is taken for a batch. */
export const CHECKSUM_IGNORED: readonly Patch[] = [
  {
    file: 'agent/queue/batch-file.ts',
    find: "import { gunzip, gzip } from 'node:zlib';",
    replace: "import { constants, gzip, inflateRawSync } from 'node:zlib';",
  },
  {
    file: 'agent/queue/batch-file.ts',
    find: 'const unpack = promisify(gunzip);',
    replace: '',
  },
  {
    file: 'agent/queue/batch-file.ts',
    find: 'await unpack(gz, { maxOutputLength: MOST_UNPACKED_BYTES });',
    replace: 'inflateRawSync(gz.subarray(10), { finishFlush: constants.Z_SYNC_FLUSH });',
  },
];

/** What the disk refuses is refused. */
export const NOTHING_IN_MEMORY: readonly Patch[] = [
  {
    file: 'agent/queue/queue.ts',
    find: 'return keepInMemory(body, unsure);',
    replace: "throw new Error('refused');",
  },
];

/** What is dropped to make room is dropped without a word. */
export const DROPS_NOT_COUNTED: readonly Patch[] = [
  {
    file: 'agent/queue/queue.ts',
    find: 'await gaps.record(losses);',
    replace: '',
  },
];

/** What is dropped is deleted first, and then written down. */
export const DELETED_BEFORE_COUNTED: readonly Patch[] = [
  {
    file: 'agent/queue/queue.ts',
    find: 'await gaps.record(losses);',
    replace: 'for (const batch of batches) await remove(batch);\n    await gaps.record(losses);',
  },
];

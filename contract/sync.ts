import * as z from 'zod';
import { discoveredMiner, minerSample } from './miner.ts';

/** Names a batch for ever: the queue folder it came from and its number in it. */
const batchName = z.object({
  /** UUID made when the agent's queue folder was first created. */
  queue: z.uuid(),
  /** Strictly rising within a queue. */
  seq: z.number().int().nonnegative(),
});

/** Samples the agent had to drop before they could be sent. Named once, acknowledged by `id`. */
export const gap = z.object({
  id: z.string(),
  from: z.string(),
  to: z.string(),
  batches: z.number().int().nonnegative(),
  samples: z.number().int().nonnegative(),
  /** "age" | "bytes" | "disk" | "damaged" | "refused" | "memory" */
  reason: z.string(),
});

/** How the agent itself is doing. */
const agentReport = z.object({
  version: z.string(),
  /** Random id of this run of the agent. */
  boot: z.string(),
  backlog: z
    .object({
      batches: z.number().int().nonnegative(),
      bytes: z.number().int().nonnegative(),
      /** Time of the oldest sample held, ISO 8601; null when nothing else is held. */
      oldest: z.string().nullable(),
    })
    .optional(),
  gaps: z.array(gap).optional(),
  /** The last poll cycle: when it began, how long it took, and how many answered. */
  cycle: z
    .object({
      at: z.string(),
      duration_ms: z.number(),
      miners: z.number().int(),
      reachable: z.number().int(),
      /** Seconds between cycles: tells the server how long a silence is normal. */
      interval_s: z.number().positive().optional(),
    })
    .optional(),
});

/** An address that answered but was not understood, or not identified in time. */
const unknownDevice = z.object({
  ip_address: z.string(),
  open_ports: z.array(z.number().int()),
  /** What was heard, shortened. */
  heard: z.string().nullish(),
});

/** Coverage of one scan. `addresses` = identified + unknown + silent + refused. */
export const scanReport = z.object({
  started_at: z.string(),
  finished_at: z.string(),
  ranges: z.array(z.string()),
  addresses: z.number().int(),
  identified: z.number().int(),
  unknown: z.number().int(),
  silent: z.number().int(),
  refused: z.number().int(),
  excluded: z.number().int(),
  /** At most the first 200. */
  unknown_devices: z.array(unknownDevice),
});
export type ScanReport = z.output<typeof scanReport>;

/**
 * Body of `POST /api/agent/sync`. The old agent sends the two lists, each in a request of its own,
 * and nothing else; ours adds `batch`, `agent` and `scan`. Unknown fields are ignored at every level.
 */
export const syncBody = z.object({
  discovered_miners: z.array(discoveredMiner).default([]),
  miner_stats: z.array(minerSample).default([]),
  batch: batchName.optional(),
  agent: agentReport.optional(),
  scan: scanReport.optional(),
});
/** As sent. */
export type SyncRequest = z.input<typeof syncBody>;
/** As understood by the server, defaults filled in. */
export type SyncBody = z.output<typeof syncBody>;

/** What an old agent gets back, and nothing more. */
export const legacySyncAnswer = z.object({
  miners_added: z.number().int(),
  miners_updated: z.number().int(),
  stats_added: z.number().int(),
  errors: z.array(z.string()),
});
export type LegacySyncAnswer = z.output<typeof legacySyncAnswer>;

/**
 * What our agent gets back. `batch` repeats queue and seq and adds the SHA-256 (hex) of the
 * uncompressed body the server read: only this triple allows the agent to delete its file.
 */
export const syncAnswer = legacySyncAnswer.extend({
  batch: batchName.extend({ sha256: z.string() }),
  /** The batch had been stored before. */
  duplicate: z.boolean(),
  /** Samples kept aside instead of stored, by their index in `miner_stats`. */
  quarantined: z.array(z.object({ index: z.number().int(), code: z.string(), detail: z.string() })),
  /** Gap ids the server has recorded; the agent need not repeat them. */
  gaps_taken: z.array(z.string()),
  /** ISO 8601. */
  server_time: z.string(),
  /** Pace: pause before the next live batch and between backlog batches, ms; largest body, bytes. */
  next: z.object({
    live_ms: z.number().int(),
    backlog_ms: z.number().int(),
    max_bytes: z.number().int(),
  }),
});
export type SyncAnswer = z.output<typeof syncAnswer>;

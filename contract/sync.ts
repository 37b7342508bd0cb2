import * as z from 'zod';
import { discoveredMiner, minerSample } from './miner.ts';
import { unknownFile } from './unknown.ts';

/** Names a batch for ever: the queue folder it came from and its number in it. */
const batchName = z.object({
  /** UUID made when the agent's queue folder was first created. */
  queue: z.uuid(),
  /** Strictly rising within a queue. */
  seq: z.number().int().nonnegative(),
});

/**
 * How a batch that was sealed before the agent had heard the server's time can be put right: the machine's boot
 * (boot_id of Linux), and its wall and monotonic clocks at that moment, ms. Sent only when it could not be: the
 * machine has booted since, and its times are a guess.
 */
const sealedBlind = z.object({
  boot: z.string(),
  wall_ms: z.number(),
  monotonic_ms: z.number(),
});

/** Request header that says which lane a batch comes by: "live" or "backlog". Backlogs give way under load. */
export const LANE_HEADER = 'x-lane';
export type Lane = 'live' | 'backlog';

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
  /** The machine's clock minus the server's, ms; null: not known yet. Times in the batch are corrected by it. */
  clock_error_ms: z.number().nullish(),
  /** How the queue is: `memory` while the disk refuses and batches are held in memory only. */
  queue: z
    .object({
      state: z.enum(['disk', 'memory']),
      /** Batches held in memory only. */
      in_memory: z.number().int().nonnegative(),
      /** Files set aside: refused by the server, damaged. */
      dead: z.number().int().nonnegative(),
      damaged: z.number().int().nonnegative(),
      /** What the disk or the server said last when it did not do what was asked. */
      last_error: z.string().nullable(),
    })
    .optional(),
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
  /** What they said, sent when it has changed; what was sent before holds as long as there are unknown devices. */
  unknown_file: unknownFile.optional(),
});
export type ScanReport = z.output<typeof scanReport>;

/**
 * Body of `POST /api/agent/sync`. The old agent sends the two lists, each in a request of its own,
 * and nothing else; ours adds `batch`, `agent` and `scan`. Unknown fields are ignored at every level.
 */
export const syncBody = z.object({
  discovered_miners: z.array(discoveredMiner).default([]),
  miner_stats: z.array(minerSample).default([]),
  batch: batchName.extend({ unsure: sealedBlind.optional() }).optional(),
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
  /**
   * Pace, ms: live batches go out within `live_ms` after they were sealed, each agent at its own moment, so that
   * sites that poll in the same second do not arrive in it; `backlog_ms` lies between two backlog batches. Largest
   * body, bytes.
   */
  next: z.object({
    live_ms: z.number().int(),
    backlog_ms: z.number().int(),
    max_bytes: z.number().int(),
  }),
});
export type SyncAnswer = z.output<typeof syncAnswer>;

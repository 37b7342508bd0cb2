import type { UnreachableReason } from '#contract/miner.ts';
import type { Json } from './lenient-json.ts';
import type { Identity, Reading } from './reading.ts';

/** What every conversation with a device needs; made once per process. */
export interface MinerContext {
  /** Ends everything. */
  signal: AbortSignal;
  /**
   * Where a device's port really is. Identity in production; the conformance runner maps a
   * privileged port it cannot bind to one it can.
   */
  dial: (host: string, port: number) => { host: string; port: number };
  /** The site's logins by family id, tried in their order after the vendor's default. */
  credentials: Readonly<Record<string, readonly { user: string; password: string }[]>>;
}

/** One request and what came back; `probe` prints them, an unknown device keeps them. */
export interface Exchange {
  /** "4028 summary", "GET :80/cgi-bin/stats.cgi" … */
  request: string;
  durationMs: number;
  /** Raw reply as text; null when there was none. */
  reply: string | null;
  error: string | null;
}

/** A miner the agent knows how to read. */
export interface KnownMiner {
  host: string;
  /** Port it is known by on the wire: the one that answered (4028, 4433, 80, 443). */
  port: number;
  /** Port of its web server; 80 unless said. */
  web?: number;
  family: string;
  identity: Identity;
  /** What the family learnt about this device (joins work, dialect, session cookie); opaque elsewhere. */
  memory: Map<string, unknown>;
}

export type IdentifyResult =
  | {
      kind: 'miner';
      miner: KnownMiner;
      /** By what it was recognised, one line each. */
      evidence: string[];
      exchanges: Exchange[];
    }
  /** Answered, but nothing we know: a router, a printer, or a miner we should learn. */
  | { kind: 'unknown'; host: string; openPorts: number[]; exchanges: Exchange[] };

export type ReadResult =
  | {
      reachable: true;
      reading: Reading;
      /** What was understood of the replies, by their names. */
      replies?: ReadonlyMap<string, Json>;
      durationMs: number;
      exchanges: Exchange[];
    }
  | {
      reachable: false;
      reason: UnreachableReason;
      detail: string;
      durationMs: number;
      exchanges: Exchange[];
    };

import type { FamilyId } from './models.ts';
import { mix, unit } from './random.ts';

/** How a device's replies travel. */
export interface Transport {
  /** What ends a reply on port 4028. */
  terminator: 'nul' | 'none' | 'two-nuls';
  /** Leaves the connection open after the reply, as LuxOS and BOSer do. */
  keepOpen: boolean;
  firstByteDelayMs: number;
  /** The reply goes out in this many parts, `pieceDelayMs` apart. */
  pieces: number;
  pieceDelayMs: number;
  /** Share of the reply that goes out before the connection is closed; 1 = all of it. */
  sentShare: number;
  /** Ends a shortened reply with a reset instead of a close. */
  reset: boolean;
  /** Accepts, reads, and never says anything. */
  hang: boolean;
}

export const PLAIN: Transport = {
  terminator: 'nul',
  keepOpen: false,
  firstByteDelayMs: 0,
  pieces: 1,
  pieceDelayMs: 0,
  sentShare: 1,
  reset: false,
  hang: false,
};

/** Oddities a good client reads through, by the name the command line knows them by. */
export const TRANSPORTS = {
  'two-nuls': { ...PLAIN, terminator: 'two-nuls' },
  'no-nul': { ...PLAIN, terminator: 'none' },
  'keep-open': { ...PLAIN, keepOpen: true },
  split: { ...PLAIN, pieces: 3, pieceDelayMs: 5 },
  'slow-first-byte': { ...PLAIN, firstByteDelayMs: 800 },
  drip: { ...PLAIN, pieces: 12, pieceDelayMs: 60 },
  truncated: { ...PLAIN, sentShare: 0.7 },
  reset: { ...PLAIN, sentShare: 0.5, reset: true },
  hang: { ...PLAIN, hang: true },
} as const satisfies Record<string, Transport>;

export type TransportName = keyof typeof TRANSPORTS;

/** Transports whose replies arrive whole. */
const READABLE = ['two-nuls', 'no-nul', 'keep-open', 'split', 'slow-first-byte', 'drip'] as const;

/** A farm where one miner in six has some readable oddity. */
export function mixedTransport(seed: number, index: number): Transport {
  const draw = unit(mix(seed, index), 0x7a);
  const name = READABLE[Math.floor(draw * 36)];
  return name === undefined ? PLAIN : TRANSPORTS[name];
}

/** Median of a reply's delay by family, ms: the control boards are small computers. */
const MEDIAN_MS: Partial<Record<FamilyId, number>> = {
  'antminer-stock': 45,
  whatsminer: 70,
  avalon: 60,
  hammer: 60,
  volcminer: 60,
  blackminer: 60,
  braiins: 30,
  luxos: 25,
  vnish: 35,
  mara: 50,
  hiveon: 45,
  mskminer: 45,
  asicseer: 45,
  sealminer: 50,
  bitaxe: 30,
  nerdqaxe: 30,
  proto: 20,
  epic: 30,
};

const USUAL_MS = 50;

/**
 * How long a device thinks: half to three times the family's median, and one reply in a hundred takes
 * 2–5 s. `draw` counts the replies, so that a run can be repeated.
 */
export function latencyMs(family: FamilyId, seed: number, draw: number, factor: number): number {
  const lane = mix(seed, 0x1a7);
  if (unit(lane, draw * 2) < 0.01) return 2000 + 3000 * unit(lane, draw * 2 + 1);
  return (MEDIAN_MS[family] ?? USUAL_MS) * factor * 0.5 * 6 ** unit(lane, draw * 2 + 1);
}

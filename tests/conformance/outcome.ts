import type { IdentifyResult, ReadResult } from '../../agent/miner.ts';
import type { Reading } from '../../agent/reading.ts';

/** One value of `expected.json` against the reading. */
export type Comparison =
  | { value: string; kind: 'same' }
  | { value: string; kind: 'differs'; expected: unknown; found: unknown }
  /** Known not to be right in the set itself. */
  | { value: string; kind: 'exception'; reason: string; expected: unknown; found: unknown }
  | { value: string; kind: 'left-out'; reason: string };

/** What the agent made of a set. */
export interface Observed {
  identified: IdentifyResult;
  read: ReadResult | null;
  reading: Reading;
}

import type { Patch } from './builds/build.ts';
import type { Verdict } from './oracle/verdict.ts';

/** `ci`: minutes for all rows together; `full`: the published run; `nightly`: as many as it takes to trust a disk. */
export type Amount = 'ci' | 'full' | 'nightly';

export interface RunOptions {
  /** Of this run alone; removed afterwards unless it failed. */
  dir: string;
  seed: number;
  amount: Amount;
  /** For rows that last a given time; undefined: the row's own. */
  seconds: number | undefined;
  /** Lines taken from the product for a negative control; none in the real run. */
  patches: readonly Patch[];
  /** A negative control runs: as little as shows the damage will do. */
  isControl: boolean;
  /** One line of progress. */
  say: (line: string) => void;
}

/** What a row found. Numbers are samples, unless the row has none to count. */
export interface Outcome {
  /** How often the fault was injected, in words: "90 kills in 270 runs". */
  injected: string;
  kept: number | null;
  stored: number | null;
  /** Deliveries beyond the first. */
  duplicates: number | null;
  lost: number | null;
  /** Each broken promise in words; none: the row is passed. */
  violations: string[];
  /** Figures worth publishing, by name. */
  figures?: Record<string, string>;
}

/** A row of the fault table. */
export interface FaultRow {
  /** In the table of the design; 0: beyond it. */
  number: number;
  /** For `--only`. */
  name: string;
  /** What is done to the system, for the table. */
  fault: string;
  /** Part of `npm test`. */
  inCi: boolean;
  /** Promises times, so nothing else may run meanwhile; the others run two at a time. */
  alone?: true;
  /** Says why it cannot run here; null when it can. */
  leftOut?: () => Promise<string | null>;
  /** The protection that is taken away, and by which lines; the row must then fail. */
  control: { without: string; patches: readonly Patch[] };
  run(options: RunOptions): Promise<Outcome>;
}

/** The outcome of a row that the oracle has judged. */
export function judged(injected: string, verdict: Verdict): Outcome {
  const { lost, doubled, phantom, altered, stale } = verdict;
  const counts = { lost, doubled, phantom, altered, stale };
  const broken = Object.entries(counts).filter(([, count]) => count > 0);
  return {
    injected,
    kept: verdict.kept,
    stored: verdict.stored,
    duplicates: verdict.duplicateDeliveries,
    lost,
    violations:
      broken.length === 0
        ? []
        : [broken.map(([name, count]) => `${count} ${name}`).join(', '), ...verdict.findings],
  };
}

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Amount, FaultRow, Outcome } from './row.ts';

/** A row's real run and its negative control. */
export interface RowResult {
  row: FaultRow;
  /** Why it did not run; the outcomes are then null. */
  leftOut: string | null;
  outcome: Outcome | null;
  /** The control's: it must have violations. */
  control: Outcome | null;
  seconds: number;
  ok: boolean;
  /** Folders of failed runs, kept for a look. */
  kept: string[];
}

const CONTROL_TRIES = 3;

/** Runs a row, then the same without the protection. An error in a run is a violation. */
export async function runRow(
  row: FaultRow,
  options: {
    seed: number;
    amount: Amount;
    seconds: number | undefined;
    say: (line: string) => void;
  },
): Promise<RowResult> {
  const began = performance.now();
  const kept: string[] = [];
  const leftOut = (await row.leftOut?.()) ?? null;
  const result: RowResult = {
    row,
    leftOut,
    outcome: null,
    control: null,
    seconds: 0,
    ok: leftOut !== null,
    kept,
  };
  if (leftOut !== null) return result;

  const once = async (isControl: boolean): Promise<Outcome> => {
    const dir = await mkdtemp(join(tmpdir(), `hashyard-faults-${row.name}-`));
    const outcome = await row
      .run({ ...options, dir, isControl, patches: isControl ? row.control.patches : [] })
      .catch((error: unknown): Outcome => {
        const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
        const none = { kept: null, stored: null, duplicates: null, lost: null };
        return { injected: 'ended early', ...none, violations: [text] };
      });
    // A control is meant to fail; what it leaves behind says nothing.
    if (outcome.violations.length > 0 && !isControl) kept.push(dir);
    else await rm(dir, { recursive: true, force: true });
    return outcome;
  };
  result.outcome = await once(false);
  // Whether a fault meets the very moment the protection is for is a matter of chance.
  for (let attempt = 1; attempt <= CONTROL_TRIES; attempt += 1) {
    result.control = await once(true);
    if (result.control.violations.length > 0) break;
  }
  result.seconds = (performance.now() - began) / 1000;
  result.ok =
    result.outcome.violations.length === 0 && (result.control?.violations.length ?? 0) > 0;
  return result;
}

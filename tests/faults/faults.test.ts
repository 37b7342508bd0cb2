import { describe, expect, test } from 'vitest';
import { announce } from '../support/announce.ts';
import { textOf } from '../support/repository-files.ts';
import type { Patch } from './builds/build.ts';
import { ROWS } from './rows.ts';
import { runRow } from './run-row.ts';
import { detailsOf } from './table.ts';

test.for(ROWS.map((row) => [row.name, row] as const))(
  '%s: the lines its control takes away are there',
  ([, row]) => {
    expect(row.control.patches.filter((patch) => !isThere(patch))).toEqual([]);
  },
);

function isThere({ file, find }: Patch): boolean {
  return textOf(file).split(find).length === 2;
}

const SEED = Number(process.env['FAULTS_SEED'] ?? Math.floor(Math.random() * 2 ** 31));

describe(`faults, seed ${SEED}`, () => {
  test.for(ROWS.filter(({ inCi }) => inCi).map((row) => [row.name, row] as const))(
    '%s',
    { timeout: 300_000 },
    async ([, row]) => {
      const result = await runRow(row, {
        seed: SEED,
        amount: 'ci',
        seconds: undefined,
        say: () => undefined,
      });
      if (result.leftOut !== null) {
        announce(`LEFT OUT: fault ${row.name} (${result.leftOut})`);
        return;
      }
      expect(detailsOf({ ...result, outcome: { ...result.outcome!, figures: {} } })).toEqual([]);
      expect(result.ok).toBe(true);
    },
  );
});

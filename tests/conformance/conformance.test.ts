import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { reportLines, totalsOf } from './report.ts';
import { announce } from '../support/announce.ts';
import { runConformance } from './run.ts';

const CAPTURES = join(import.meta.dirname, '../../../shared/captures');

const isThere = existsSync(CAPTURES);
if (!isThere) {
  announce('LEFT OUT: replay of captured devices (../shared/captures is absent)');
}

it.runIf(isThere)(
  'identifies every captured device and reads every value of it',
  async () => {
    const result = await runConformance(CAPTURES, null);
    const wrong = reportLines(result).filter((line) => /^FAIL|^ {7}\S/.test(line));
    expect(wrong).toEqual([]);
    const totals = totalsOf(result);
    expect(totals.sets).toBeGreaterThan(110);
    expect(totals.exceptions / totals.values).toBeLessThanOrEqual(0.02);
  },
  60_000,
);

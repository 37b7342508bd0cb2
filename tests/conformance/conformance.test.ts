import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { reportLines, totalsOf } from './report.ts';
import { runConformance } from './run.ts';

const CAPTURES = join(import.meta.dirname, '../../../shared/captures');

const isThere = existsSync(CAPTURES);
if (!isThere) {
  process.stdout.write(
    'conformance: ../shared/captures is absent; left out: replay of captured devices\n',
  );
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

import type { Comparison } from './outcome.ts';
import type { RunResult, SetResult } from './run.ts';

export interface Totals {
  sets: number;
  setsRight: number;
  values: number;
  valuesRight: number;
  exceptions: number;
}

export function totalsOf({ sets }: RunResult): Totals {
  const compared = sets.flatMap(({ comparisons }) => comparisons.filter(isCompared));
  return {
    sets: sets.length,
    setsRight: sets.filter(({ faults }) => faults.length === 0).length,
    values: compared.length,
    valuesRight: compared.filter(({ kind }) => kind === 'same').length,
    exceptions: sets.flatMap(({ comparisons }) => comparisons).filter(isException).length,
  };
}

/** Exceptions are counted apart: what they expect is not right. */
const isCompared = ({ kind }: Comparison) => kind === 'same' || kind === 'differs';
const isException = ({ kind }: Comparison) => kind === 'exception';

/** One row per set, its differences under it, then what was left out and why, then the totals. */
export function reportLines(result: RunResult): string[] {
  const { sets } = result;
  const width = Math.max(0, ...sets.map(({ title }) => title.length));
  const totals = totalsOf(result);
  return [
    ...sets.flatMap((set) => rowsOf(set, width)),
    ...section('Exceptions: expected values that are not right', sets, (comparison) =>
      comparison.kind === 'exception' ? comparison.reason : null,
    ),
    ...section('Not compared', sets, (comparison) =>
      comparison.kind === 'left-out' ? comparison.reason : null,
    ),
    '',
    `EXCEPTIONS ${totals.exceptions} (${percent(totals.exceptions, totals.values)} of the values)`,
    `SETS ${totals.setsRight}/${totals.sets} VALUES ${totals.valuesRight}/${totals.values}`,
  ];
}

function rowsOf(set: SetResult, width: number): string[] {
  const compared = set.comparisons.filter(isCompared);
  const right = compared.filter(({ kind }) => kind === 'same').length;
  const fine = set.faults.length === 0 && right === compared.length;
  const tally = `${right}/${compared.length}`.padStart(7);
  return [
    `${fine ? 'ok  ' : 'FAIL'} ${set.title.padEnd(width)} ${tally}  ${set.identified}`,
    ...set.faults.map((fault) => `       identification: ${fault}`),
    ...set.comparisons.flatMap((comparison) =>
      comparison.kind === 'differs'
        ? [
            `       ${comparison.value}: expected ${short(comparison.expected)}, found ${short(comparison.found)}`,
          ]
        : [],
    ),
  ];
}

function section(
  title: string,
  sets: readonly SetResult[],
  reasonOf: (comparison: Comparison) => string | null,
): string[] {
  const byReason = new Map<string, string[]>();
  for (const set of sets) {
    for (const comparison of set.comparisons) {
      const reason = reasonOf(comparison);
      if (reason === null) continue;
      const listed = byReason.get(reason) ?? [];
      listed.push(`${set.title} ${comparison.value}`);
      byReason.set(reason, listed);
    }
  }
  if (byReason.size === 0) return [];
  return ['', `${title}:`, ...[...byReason].map(([reason, at]) => `  ${reason}: ${at.join(', ')}`)];
}

function short(value: unknown): string {
  const text = JSON.stringify(value) ?? 'undefined';
  return text.length > 160 ? `${text.slice(0, 160)}…` : text;
}

function percent(part: number, whole: number): string {
  return whole === 0 ? '0 %' : `${((100 * part) / whole).toFixed(1)} %`;
}

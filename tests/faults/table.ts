import type { RowResult } from './run-row.ts';

const HEAD = ['row', 'fault', 'injected', 'kept', 'stored', 'again', 'lost', 'control', 'time'];

const count = (value: number | null | undefined): string =>
  value === null || value === undefined ? '–' : value.toLocaleString('en-US');

/** The lines of the table for one row, under `tableHead`. */
export function tableRow({ row, leftOut, outcome, control, seconds, ok }: RowResult): string {
  const name = `${row.number || '+'} ${row.name}`;
  if (leftOut !== null) return `| ${name} | ${row.fault} | LEFT OUT: ${leftOut} | | | | | | |`;
  const cells = [
    name,
    row.fault,
    outcome?.injected ?? '',
    count(outcome?.kept),
    count(outcome?.stored),
    count(outcome?.duplicates),
    count(outcome?.lost),
    `${row.control.without}: ${(control?.violations.length ?? 0) > 0 ? 'fails, as it must' : 'PASSES'}`,
    `${Math.round(seconds)} s`,
  ];
  return `| ${cells.join(' | ')} |${ok ? '' : ' FAILED'}`;
}

export const tableHead = `| ${HEAD.join(' | ')} |\n|${HEAD.map(() => '---|').join('')}`;

/** What went wrong in a row, and its figures; empty when there is nothing to say. */
export function detailsOf({ row, outcome, control, ok, kept }: RowResult): string[] {
  const lines = Object.entries(outcome?.figures ?? {}).map(
    ([name, value]) => `  ${row.name}: ${name}: ${value}`,
  );
  if (ok || outcome === null) return lines;
  for (const violation of outcome.violations) lines.push(`  ${row.name}: ${violation}`);
  if (control?.violations.length === 0) {
    lines.push(`  ${row.name}: passes without "${row.control.without}", so it proves nothing`);
  }
  for (const dir of kept) lines.push(`  kept for a look: ${dir}`);
  return lines;
}

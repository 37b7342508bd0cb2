/** How a table is written for spreadsheets: what separates its columns, and what its numbers' decimals. */
export interface CsvDialect {
  separator: ',' | ';';
  decimal: '.' | ',';
}

export type CsvValue = string | number | null | readonly string[];

/** Excel takes a file without it for one of the computer's old code page. */
export const BOM = '\uFEFF';

/**
 * One line, RFC 4180. A text that a spreadsheet would take for a formula gets an apostrophe before it, so that what a
 * miner calls itself is never run; numbers are ours and stay as they are.
 */
export function csvLine(values: readonly CsvValue[], dialect: CsvDialect): string {
  return `${values.map((value) => cell(value, dialect)).join(dialect.separator)}\r\n`;
}

function cell(value: CsvValue, { decimal }: CsvDialect): string {
  if (value === null) return '';
  if (typeof value === 'number') {
    const digits = String(value);
    return decimal === ',' ? quoted(digits.replace('.', ',')) : digits;
  }
  const text = typeof value === 'string' ? value : value.join(', ');
  return quoted(/^[\s\0]*[=+\-@\t\r]/.test(text) ? `'${text}` : text);
}

/** Also for the separators of other dialects: a file that is opened with the wrong one must not fall apart. */
function quoted(text: string): string {
  return /[",;\r\n\t]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

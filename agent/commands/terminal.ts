import { styleText } from 'node:util';

const styled = (style: Parameters<typeof styleText>[0], text: string): string =>
  // Obeys NO_COLOR and FORCE_COLOR, and writes none into a pipe.
  styleText(style, text, { stream: process.stderr });

/** Results, for people or machines: stdout. */
export function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

export function printJson(value: unknown): void {
  print(JSON.stringify(value, null, 2));
}

/** Everything said beside the result: stderr. */
export function say(text: string): void {
  process.stderr.write(`${text}\n`);
}

export const warn = (text: string): void => say(styled('yellow', text));
export const complain = (text: string): void => say(styled('red', text));

/** One line that is overwritten; nothing when stderr is no terminal. */
export function progressLine(): { show(text: string): void; clear(): void } {
  const { stderr } = process;
  if (!stderr.isTTY) return { show: () => undefined, clear: () => undefined };
  let shownAt = 0;
  return {
    show(text) {
      const now = performance.now();
      if (now - shownAt < 100) return;
      shownAt = now;
      stderr.write(`\r\u001b[K${text.slice(0, stderr.columns - 1)}`);
    },
    clear: () => void stderr.write('\r\u001b[K'),
  };
}

/** Columns padded to their widest cell. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd();
  return [head, ...rows].map(line).join('\n');
}

const RATE_UNITS = ['H/s', 'kH/s', 'MH/s', 'GH/s', 'TH/s', 'PH/s'] as const;

/** TH/s in the unit its size asks for: a Scrypt machine's 0.0095 TH/s is 9.5 GH/s. */
export function scaledRate(ths: number): { value: number; unit: string } {
  const hs = ths * 1e12;
  const step = hs < 1 ? 4 : Math.min(RATE_UNITS.length - 1, Math.floor(Math.log10(hs) / 3));
  // A single machine's 1,500 TH/s is said so.
  const shown = step === 5 && hs < 1e16 ? 4 : step;
  return { value: Number((hs / 1000 ** shown).toPrecision(10)), unit: RATE_UNITS[shown] ?? 'H/s' };
}

/** "12.3 MB"; `units` from bytes up, each a thousand of the one before. */
export function sizeText(bytes: number, units: readonly string[]): string {
  const step = bytes < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(bytes) / 3));
  const value = bytes / 1000 ** step;
  return `${step === 0 ? value : value.toFixed(1)} ${units[step]}`;
}

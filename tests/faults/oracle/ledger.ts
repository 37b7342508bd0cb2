/** What one site said: by second, how many samples it attempted and how many of them are on its disk. */
export class Ledger {
  readonly attempted = new Map<number, number>();
  readonly kept = new Map<number, number>();

  /** "T <s> <n>" before n samples of that second are made, "P <s> <n>" when n of them are on disk. */
  note(line: string): void {
    const match = /^([TP]) (\d+) (\d+)$/.exec(line);
    if (!match) throw new Error(`No line of a site: ${line}`);
    const [, kind, second, samples] = match;
    const book = kind === 'T' ? this.attempted : this.kept;
    book.set(Number(second), (book.get(Number(second)) ?? 0) + Number(samples));
  }
}

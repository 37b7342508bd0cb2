import { writeSync } from 'node:fs';

/** Says on the run's standard output what a test left out and why. The only output a test may make. */
export function announce(sentence: string): void {
  writeSync(1, `${sentence}\n`);
}

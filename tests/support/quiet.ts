import { afterEach, beforeEach } from 'vitest';

/**
 * A test that prints hides the next one's trouble: console output, writes to the standard streams and
 * process warnings fail the test they come from. `announce` is the way to say something on purpose.
 */
const heard: string[] = [];

for (const level of ['debug', 'error', 'info', 'log', 'trace', 'warn'] as const) {
  // oxlint-disable-next-line no-console -- this is the place that forbids it
  console[level] = (...parts: unknown[]) => {
    heard.push(`console.${level}: ${parts.map(String).join(' ')}`);
  };
}
for (const name of ['stdout', 'stderr'] as const) {
  process[name].write = (chunk: string | Uint8Array) => {
    heard.push(`${name}: ${String(chunk).trimEnd()}`);
    return true;
  };
}
process.on('warning', (warning) => {
  if (warning.name !== 'ExperimentalWarning') heard.push(`warning: ${warning.message}`);
});

function complain(when: string): void {
  if (heard.length === 0) return;
  throw new Error(`Unexpected output ${when} the test:\n${heard.splice(0).join('\n')}`);
}

beforeEach(() => complain('before'));
afterEach(() => complain('during'));

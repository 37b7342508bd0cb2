import { readFileSync } from 'node:fs';

// Put in by agent/build.ts; the source tree reads its package.json instead.
declare const BUNDLED_VERSION: string | undefined;
declare const BUNDLED_COMMIT: string | undefined;

/** Version of the program, e.g. "0.1.0". */
export const VERSION: string =
  typeof BUNDLED_VERSION === 'string' ? BUNDLED_VERSION : versionOfSourceTree();

/** "0.1.0 (1a2b3c4, node v24.21.0)". */
export function versionLine(): string {
  const commit = typeof BUNDLED_COMMIT === 'string' && BUNDLED_COMMIT ? `${BUNDLED_COMMIT}, ` : '';
  return `${VERSION} (${commit}node ${process.version})`;
}

function versionOfSourceTree(): string {
  const file = new URL('../package.json', import.meta.url);
  const { version } = JSON.parse(readFileSync(file, 'utf8')) as { version: string };
  return version;
}

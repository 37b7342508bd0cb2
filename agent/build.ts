import { execFileSync } from 'node:child_process';
import { chmod, copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/**
 * Bundles the agent into `outDir`: hashyard-agent.mjs (which is all a site needs besides Node), an
 * example configuration, the systemd unit, and a package.json without dependencies for `npm install -g`.
 * Returns the bundled files, relative to the repository.
 */
export async function buildAgent(outDir: string): Promise<{ inputs: string[]; bytes: number }> {
  const { version, license, engines } = JSON.parse(
    await readFile(join(ROOT, 'package.json'), 'utf8'),
  ) as { version: string; license: string; engines: Record<string, string> };
  await mkdir(outDir, { recursive: true });
  const outfile = join(outDir, 'hashyard-agent.mjs');
  const result = await build({
    absWorkingDir: ROOT,
    entryPoints: ['agent/main.ts'],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node24',
    // Readable stack traces on site are worth more than half a megabyte.
    minify: false,
    legalComments: 'inline',
    metafile: true,
    logLevel: 'warning',
    define: {
      BUNDLED_VERSION: JSON.stringify(version),
      BUNDLED_COMMIT: JSON.stringify(commit()),
    },
    // pino and undici are CommonJS and call require for Node's own modules.
    banner: {
      js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
    },
  });
  await chmod(outfile, 0o755);
  await writeFile(
    join(outDir, 'package.json'),
    `${JSON.stringify(
      {
        name: 'hashyard-agent',
        version,
        description: 'Site agent of Hashyard: finds and reads ASIC miners',
        license,
        type: 'module',
        engines,
        bin: { 'hashyard-agent': 'hashyard-agent.mjs' },
      },
      null,
      2,
    )}\n`,
  );
  for (const name of ['config.json.example', 'miners-agent.service']) {
    await copyFile(join(ROOT, 'agent', name), join(outDir, name));
  }
  const [output] = Object.values(result.metafile.outputs);
  return { inputs: Object.keys(result.metafile.inputs).sort(), bytes: output?.bytes ?? 0 };
}

/** Short commit of the working tree; empty outside of one. */
function commit(): string {
  try {
    return execFileSync('git', ['rev-parse', '--short', 'HEAD'], {
      cwd: ROOT,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  } catch {
    return '';
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const { bytes } = await buildAgent(join(ROOT, 'dist', 'agent'));
  process.stdout.write(`dist/agent/hashyard-agent.mjs ${Math.round(bytes / 1000)} kB\n`);
}

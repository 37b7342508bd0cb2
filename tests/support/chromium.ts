import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { access, constants, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { chromium, type BrowserContext, type BrowserContextOptions } from 'playwright-core';
import { announce } from './announce.ts';

const run = promisify(execFile);

const NAMES = ['chromium', 'chromium-browser', 'google-chrome'];
const INSTALL = 'apt-get install -y chromium';

/** For a machine without a display, a GPU, or a way out: Chromium looks up its maker's hosts at every start. */
const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  // Names for pages that are not on "localhost", where browsers forbid what they forbid on plain http.
  '--host-resolver-rules=MAP *.test 127.0.0.1',
];

/**
 * The path of a Chromium: `CHROMIUM` → PATH → Playwright's own → `apt-get install chromium` where we are root
 * on Debian or Ubuntu, which it announces. Throws an error that says what to install.
 */
export async function findChromium(env: NodeJS.ProcessEnv = process.env): Promise<string> {
  const named = env['CHROMIUM'];
  if (named) {
    if (await isProgram(named)) return named;
    throw new Error(`CHROMIUM is ${named}, which is no program that can be run`);
  }
  const found = (await onPath(env['PATH'])) ?? (await playwrightsOwn());
  if (found) return found;
  if (process.getuid?.() === 0 && (await isDebian())) {
    announce(`Chromium is missing; installing it: ${INSTALL}`);
    await install();
    const installed = await onPath(env['PATH']);
    if (installed) return installed;
  }
  throw new Error(
    `No Chromium found for the browser tests. Install one (Debian, Ubuntu: sudo ${INSTALL}) or set CHROMIUM to its path.`,
  );
}

async function isProgram(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}

async function onPath(path = ''): Promise<string | undefined> {
  for (const name of NAMES) {
    for (const folder of path.split(delimiter).filter(Boolean)) {
      const program = join(folder, name);
      if (await isProgram(program)) return program;
    }
  }
  return undefined;
}

async function playwrightsOwn(): Promise<string | undefined> {
  const path = chromium.executablePath();
  return existsSync(path) ? path : undefined;
}

async function isDebian(): Promise<boolean> {
  const release = await readFile('/etc/os-release', 'utf8').catch(() => '');
  return /^ID(_LIKE)?=.*\b(debian|ubuntu)\b/m.test(release);
}

async function install(): Promise<void> {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const apt = () =>
    run('apt-get', ['install', '-y', '--no-install-recommends', 'chromium'], { env });
  // A fresh machine has no package lists yet.
  await apt().catch(async () => {
    await run('apt-get', ['update'], { env });
    await apt();
  });
}

export interface Browser {
  /** A window of its own: no cookies, nothing remembered. Closed with the browser. */
  open(options?: BrowserContextOptions): Promise<BrowserContext>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Chromium with an empty profile, gone on dispose. */
export async function startChromium(): Promise<Browser> {
  const executablePath = await findChromium();
  // Chromium keeps crash reports and caches under HOME, not only in its profile.
  const home = await mkdtemp(join(tmpdir(), 'hashyard-chromium-'));
  const browser = await chromium
    .launch({ executablePath, args: FLAGS, env: { ...process.env, HOME: home } })
    .catch(async (error: unknown) => {
      await rm(home, { recursive: true, force: true });
      throw error;
    });
  return {
    open: (options = {}) => browser.newContext(options),
    async [Symbol.asyncDispose]() {
      await browser.close();
      await rm(home, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}

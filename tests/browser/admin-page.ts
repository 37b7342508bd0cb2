import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { BrowserContextOptions, Locator, Page } from 'playwright-core';
import type { SyncRequest } from '#contract/sync.ts';
import { afterAll, afterEach, beforeAll } from 'vitest';
import { startChromium, type Browser } from '../support/chromium.ts';
import { startTestServer, TEST_PASSWORD, type TestServer } from '../support/server.ts';
import { buildPage } from './build-page.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const SCREENS = `${ROOT}test-results/screens`;

/** Asking is how the page learns that nobody is logged in, and that the server is set up; the browser reports both. */
const EXPECTED =
  /^error: Failed to load resource: .* (status of 401 |status of 404 .*\/api\/setup$)/;

interface AdminPage {
  page: Page;
  /** Errors, warnings, policy violations, dialogs and failed requests so far that no page of ours may cause. */
  problems: string[];
  /** Saves what is on the screen, or the whole page, for review. */
  shot: (name: string, how?: { whole: boolean }) => Promise<void>;
}

/** A window of its own that listens to everything that goes wrong in it. */
async function openWindow(browser: Browser, options: BrowserContextOptions): Promise<AdminPage> {
  const context = await browser.open({
    viewport: { width: 1440, height: 900 },
    locale: 'en-GB',
    timezoneId: 'Asia/Irkutsk',
    reducedMotion: 'reduce',
    ...options,
  });
  // Sooner than a test ends: the step that waits in vain is named.
  context.setDefaultTimeout(20_000);
  const page = await context.newPage();
  const problems: string[] = [];
  page.on('console', (message) => {
    const text = `${message.type()}: ${message.text()} at ${message.location().url}`;
    if (!EXPECTED.test(text)) problems.push(text);
  });
  page.on('pageerror', (error) => problems.push(String(error)));
  page.on('dialog', (dialog) => {
    problems.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  return {
    page,
    problems,
    async shot(name, { whole } = { whole: false }) {
      const path = join(SCREENS, `${name}.png`);
      await mkdir(dirname(path), { recursive: true });
      await page.screenshot({ path, fullPage: whole });
    },
  };
}

/**
 * The built page, Chromium and, for each test, what it opens: closed in reverse, windows before the server they
 * ask every few seconds. A test fails when one of its pages had a problem.
 */
export function useAdminPage() {
  let browser: Browser | undefined;
  let closing = new AsyncDisposableStack();
  let opened: AdminPage[] = [];

  // Chromium may have to be installed first.
  beforeAll(async () => {
    await buildPage();
    browser = await startChromium();
  }, 300_000);
  afterAll(() => browser?.[Symbol.asyncDispose]());
  afterEach(async () => {
    const problems = opened.flatMap((admin) => admin.problems);
    opened = [];
    await closing.disposeAsync();
    closing = new AsyncDisposableStack();
    if (problems.length > 0) throw new Error(`The page caused:\n${problems.join('\n')}`);
  });

  return {
    startServer: async (options?: Parameters<typeof startTestServer>[0]): Promise<TestServer> =>
      closing.use(await startTestServer(options)),
    openPage: async (options: BrowserContextOptions = {}): Promise<AdminPage> => {
      if (!browser) throw new Error('the browser is started before the tests');
      const admin = await openWindow(browser, options);
      closing.defer(() => admin.page.context().close());
      opened.push(admin);
      return admin;
    },
  };
}

export async function logIn(page: Page, url: string, username = 'admin'): Promise<void> {
  await page.goto(url);
  await page.locator('[name=username]').fill(username);
  await page.locator('[name=password]').fill(TEST_PASSWORD);
  await page.locator('form .primary').click();
  await page.locator('.top-bar').waitFor();
}

/** What an agent with the key does; throws unless the server stores it. */
export async function sync(server: TestServer, apiKey: string, body: SyncRequest): Promise<void> {
  const response = await fetch(`${server.url}/api/agent/sync`, {
    method: 'POST',
    headers: { 'x-api-key': apiKey, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`sync answered ${response.status}: ${text}`);
  const { errors } = JSON.parse(text) as { errors: string[] };
  if (errors.length > 0) throw new Error(`sync left out: ${errors.join('; ')}`);
}

/** The `index`th of an agent's miners, as its scan and its poll name it. */
export function minerOf(
  index: number,
  { name = `Rack-${index}`, hashrateThs = 100 + (index % 10) / 2 } = {},
) {
  const address = {
    ip_address: `10.0.${Math.floor(index / 250)}.${(index % 250) + 1}`,
    port: 4028,
  };
  return {
    found: {
      ...address,
      name,
      mac: `02:00:00:00:${hex(index >> 8)}:${hex(index & 255)}`,
      manufacturer: 'AntMiner',
      model: 'S19j Pro',
      firmware: 'Bitmain',
      firmware_version: '2023-04-10',
    },
    sample: {
      ...address,
      mac: `02:00:00:00:${hex(index >> 8)}:${hex(index & 255)}`,
      timestamp: new Date().toISOString(),
      hash_rate: hashrateThs,
      expected_hash_rate: 104,
      temperature: 60 + (index % 20),
      fan_speed: 5_000 + index,
      power_consumption: 3_050,
      mining: true,
      reachable: true,
    },
  };
}
const hex = (byte: number) => byte.toString(16).padStart(2, '0');

/** Text of every element, without the spaces of layout. */
export async function textsOf(locator: Locator): Promise<string[]> {
  const texts = await locator.allTextContents();
  return texts.map((text) => text.replaceAll(/\s+/g, ' ').trim());
}

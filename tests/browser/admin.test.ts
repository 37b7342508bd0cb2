import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { logIn, minerOf, sync, textsOf, useAdminPage } from './admin-page.ts';

const { startServer, openPage } = useAdminPage();

test('logging in: a wrong password is said, the right one opens, logging out closes', async () => {
  const server = await startServer();
  const { page, shot } = await openPage();
  await page.goto(server.url);
  await page.getByLabel('User name').fill('admin');
  await page.getByLabel('Password').fill('not the password');
  await page.getByRole('button', { name: 'Log in' }).click();
  await page.getByRole('alert').getByText('Wrong user name or password.').waitFor();
  await shot('login-wrong');

  await logIn(page, server.url);
  await page.reload();
  await page.getByRole('heading', { name: 'Start here' }).waitFor();

  await page.getByRole('button', { name: 'Account and settings' }).click();
  await page.getByRole('button', { name: 'Log out' }).click();
  await page.getByRole('heading', { name: 'Log in to Hashyard' }).waitFor();
  await page.reload();
  await page.getByRole('heading', { name: 'Log in to Hashyard' }).waitFor();
  expect(await server.deps.sql`select 1 from sessions`).toHaveLength(0);
});

test('a session that has ended leads to the login and back to the same page', async () => {
  const server = await startServer();
  const { page } = await openPage();
  await logIn(page, `${server.url}/agents/new`);
  await page.getByLabel('Name').fill('north-1');
  // The page has asked for all it shows: what it hears next is the answer to the click.
  await page.waitForLoadState('networkidle');
  await server.deps.sql`delete from sessions`;
  await page.getByRole('button', { name: 'Add it and show its key' }).click();
  await page.getByText('Your session has ended.').waitFor();
  expect(await server.deps.sql`select 1 from agents`).toHaveLength(0);

  await logIn(page, page.url());
  await page.getByRole('heading', { name: 'Add an agent' }).waitFor();
});

test('a reader sees the fleet and is offered nothing that would be refused', async () => {
  const server = await startServer();
  await server.addUser('reader', 'viewer');
  const { page } = await openPage();
  await logIn(page, server.url, 'reader');
  await page.getByRole('link', { name: 'Agents' }).click();
  await page.getByText('No agents yet. An administrator adds them.').waitFor();
  expect(await textsOf(page.locator('#main button, #main a'))).toEqual([]);
});

test('a client of containers is not asked to look at agents', async () => {
  const server = await startServer();
  await server.addUser('tenant', 'client');
  const { page } = await openPage();
  await logIn(page, server.url, 'tenant');
  await page.getByRole('link', { name: 'Miners' }).waitFor();
  expect(await page.getByRole('link', { name: 'Agents' }).count()).toBe(0);
});

test('a server that does not answer: what was true stays, marked as not current', async () => {
  const server = await startServer();
  const agent = await server.registerAgent('north-1');
  await sync(server, agent.apiKey, { discovered_miners: [minerOf(0).found] });
  const { page, problems, shot } = await openPage();
  await logIn(page, `${server.url}/agents`);
  await page.locator('.agents').getByText('north-1').waitFor();
  await page.route('**/api/**', (route) => route.abort());
  // Coming back to the window is one of the moments when the page asks again.
  await page.evaluate(`document.dispatchEvent(new Event('visibilitychange', { bubbles: true }))`);
  await page.getByRole('alert').getByText('Not current').waitFor();
  await shot('not-current');
  expect(await page.locator('.agents').getByText('north-1').count()).toBe(1);

  await page.unroute('**/api/**');
  await page.getByRole('button', { name: 'Try again' }).click();
  await page.getByRole('alert').waitFor({ state: 'detached' });
  expect(problems.filter((problem) => !problem.includes('net::ERR_FAILED'))).toEqual([]);
  problems.length = 0;
});

describe('what miners call themselves', () => {
  const HOSTILE = '<img src=x onerror=alert(1)>';

  test('is text: no element, no dialog, no violation of the policy', async () => {
    const server = await startServer();
    const agent = await server.registerAgent(`"><script>alert(2)</script>`);
    const miner = minerOf(0, { name: HOSTILE });
    await sync(server, agent.apiKey, {
      discovered_miners: [{ ...miner.found, model: `${HOSTILE}' onmouseover='alert(3)` }],
      miner_stats: [miner.sample],
    });
    const { page, shot } = await openPage();
    await logIn(page, `${server.url}/miners`);
    const name = page.locator('.miners tbody [data-column=name]');
    await name.waitFor();
    expect(await name.textContent()).toBe(HOSTILE);
    expect(await page.locator('.miners [data-column=model]').last().textContent()).toContain(
      HOSTILE,
    );
    await name.hover();
    expect(await page.locator('img').count()).toBe(0);
    await shot('hostile');
  });

  test('is text on the page of a miner and of an agent, too, and no formula in a file', async () => {
    const server = await startServer();
    const agent = await server.registerAgent('north-1');
    const miner = minerOf(0, { name: `=HYPERLINK("http://evil.example","${HOSTILE}")` });
    const now = new Date().toISOString();
    await sync(server, agent.apiKey, {
      discovered_miners: [miner.found],
      miner_stats: [
        {
          ...miner.sample,
          pools: [
            { url: `javascript:alert(4)//${HOSTILE}`, user: `+cmd|' /C calc'!A0`, active: true },
          ],
          miner_errors: [{ code: HOSTILE, text: HOSTILE }],
        },
      ],
      batch: { queue: '0193d3b8-0000-7000-8000-000000000001', seq: 1 },
      agent: { version: HOSTILE, boot: 'b' },
      scan: {
        started_at: now,
        finished_at: now,
        ranges: ['10.0.0.0/24'],
        addresses: 1,
        identified: 0,
        unknown: 1,
        silent: 0,
        refused: 0,
        excluded: 0,
        unknown_devices: [{ ip_address: '10.0.0.200', open_ports: [80], heard: HOSTILE }],
      },
    });
    const [row] = await server.deps.sql<{ id: number }[]>`
      update miners set note = ${HOSTILE}, tags = ${[HOSTILE]} returning id`;
    const { page } = await openPage();
    await logIn(page, `${server.url}/miners/${row?.id}`);
    await page.getByText('Faults it reports').waitFor();
    expect(await page.locator('.pools').textContent()).toContain(`javascript:alert(4)//${HOSTILE}`);
    expect(await page.locator('.note').textContent()).toBe(HOSTILE);
    expect(await page.locator('img, a[href^=javascript]').count()).toBe(0);
    await page.goto(`${server.url}/agents/${agent.id}`);
    await expect.poll(() => page.locator('.heard').last().textContent()).toBe(HOSTILE);
    expect(await page.locator('img').count()).toBe(0);

    await page.goto(`${server.url}/miners`);
    await page.getByRole('button', { name: 'Export' }).click();
    for (const format of ['CSV', 'CSV for spreadsheets with decimal commas']) {
      const [download] = await Promise.all([
        page.waitForEvent('download'),
        page.getByRole('link', { name: format, exact: true }).click(),
      ]);
      const text = await readFile(await download.path(), 'utf8');
      expect(text).toContain(`'=HYPERLINK`);
      expect(text).toContain(`'+cmd|`);
      expect(text).not.toMatch(/(^|[,;"])[=+]/m);
    }
  });

  test('the policy of the page stops what slips through', async () => {
    const server = await startServer();
    const { page, problems } = await openPage();
    await page.goto(server.url);
    await page.evaluate(`
      const script = document.createElement('script');
      script.textContent = 'alert(1)';
      document.body.append(script);
    `);
    expect(problems.join()).toMatch(/Content Security Policy/);
    expect(problems.join()).not.toMatch(/dialog/);
    problems.length = 0;
  });
});

test('in Russian by the browser’s wish, in English by the reader’s, remembered', async () => {
  const server = await startServer();
  const agent = await server.registerAgent('sever-1');
  const miners = [0, 1].map((index) => minerOf(index));
  await sync(server, agent.apiKey, { discovered_miners: miners.map(({ found }) => found) });
  const { page, shot } = await openPage({ locale: 'ru-RU', colorScheme: 'dark' });
  await page.goto(server.url);
  await page.getByRole('heading', { name: 'Вход в Hashyard' }).waitFor();
  await shot('login-ru');
  await logIn(page, `${server.url}/miners`);
  await page.getByText('2 майнера', { exact: true }).waitFor();
  expect(await page.locator('html').getAttribute('lang')).toBe('ru');
  await shot('home-ru-dark');

  await page.getByRole('button', { name: 'Учётная запись и настройки' }).click();
  await page.getByRole('button', { name: 'English' }).click();
  await page.getByText('2 miners', { exact: true }).waitFor();
  await page.reload();
  await page.getByText('2 miners', { exact: true }).waitFor();
  expect(await page.locator('html').getAttribute('lang')).toBe('en');
});

test('dark by the system’s wish, light by the reader’s, remembered', async () => {
  const server = await startServer();
  const { page } = await openPage({ colorScheme: 'dark' });
  const ground = () => page.evaluate('getComputedStyle(document.body).backgroundColor');
  await logIn(page, server.url);
  expect(await ground()).toBe('rgb(14, 18, 24)');
  await page.getByRole('button', { name: 'Account and settings' }).click();
  await page.getByRole('button', { name: 'Light' }).click();
  expect(await ground()).toBe('rgb(244, 246, 249)');
  await page.reload();
  await page.locator('.top-bar').waitFor();
  expect(await ground()).toBe('rgb(244, 246, 249)');
});

test('on a phone tables become cards, and nothing is wider than the screen', async () => {
  const server = await startServer();
  const agent = await server.registerAgent('an-agent-with-a-rather-long-name-in-the-north-hall');
  const miners = [minerOf(0, { name: 'w'.repeat(200) }), minerOf(1)];
  await sync(server, agent.apiKey, {
    discovered_miners: miners.map(({ found }) => found),
    miner_stats: miners.map(({ sample }) => sample),
  });
  const phone = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true };
  const { page, shot } = await openPage({ ...phone, locale: 'ru-RU' });
  const width = () => page.evaluate('document.documentElement.scrollWidth');
  await logIn(page, `${server.url}/miners`);
  const card = page.locator('.miners tbody tr', { hasText: 'Rack-1' });
  await card.waitFor();
  expect(await width()).toBe(390);
  expect((await card.boundingBox())?.height).toBe(140);
  await shot('home-phone-ru');
  for (const tablet of [720, 1024]) {
    await page.setViewportSize({ width: tablet, height: 844 });
    expect(await width()).toBe(tablet);
  }
  await shot('home-tablet-ru');
  await page.setViewportSize(phone.viewport);
  await card.scrollIntoViewIfNeeded();
  await shot('miners-phone-ru');
  await page.goto(`${server.url}/agents/new`);
  await page.locator('[name=name]').fill('north-2');
  await page.locator('form .primary').click();
  await page.locator('.new-key').waitFor();
  expect(await width()).toBe(390);
  await shot('registered-phone-ru');
});

test('over plain http on a LAN: login works, and copying falls back to selecting', async () => {
  const server = await startServer();
  const { page } = await openPage();
  // Resolved to 127.0.0.1 by the browser alone; unlike that address, no secure context.
  const url = server.url.replace('127.0.0.1', 'hashyard.test');
  await logIn(page, `${url}/agents/new`);
  await page.getByLabel('Name').fill('north-1');
  await page.getByRole('button', { name: 'Add it and show its key' }).click();
  await page.getByText('plain http').waitFor();
  await page.getByRole('button', { name: 'Copy: Its key' }).click();
  await page.getByText('Selected: press Ctrl+C').waitFor();
  const key = await page.locator('.new-key code').textContent();
  expect(await page.evaluate('String(getSelection())')).toBe(key);
});

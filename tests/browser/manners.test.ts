import { expect, test } from 'vitest';
import { logIn, useAdminPage } from './admin-page.ts';
import { seedFarm } from './seed-farm.ts';

const { startServer, openPage } = useAdminPage();

test('keyboard: pages by g and a letter also in a Russian layout, search, help, and a switch that stays', async () => {
  const server = await startServer();
  await seedFarm(server, 6);
  const { page } = await openPage();
  await logIn(page, server.url);
  await page.getByRole('heading', { name: 'Overview' }).waitFor();
  await page.keyboard.press('g');
  await page.keyboard.press('m');
  await page.getByRole('heading', { name: 'Miners' }).waitFor();
  // What a Russian layout sends for the keys G and A.
  await page.evaluate(`for (const [key, code] of [['п', 'KeyG'], ['ф', 'KeyA']])
    document.body.dispatchEvent(new KeyboardEvent('keydown', { key, code, bubbles: true }))`);
  await page.getByRole('heading', { name: 'Agents' }).waitFor();
  await page.keyboard.press('/');
  await page.getByRole('heading', { name: 'Miners' }).waitFor();
  await expect.poll(() => page.evaluate('document.activeElement.type')).toBe('search');
  // In a field keys are letters.
  await page.keyboard.type('gs?');
  expect(await page.getByLabel('Filter').inputValue()).toBe('gs?');
  await page.getByLabel('Filter').fill('');
  await page.evaluate('document.activeElement.blur()');

  await page.keyboard.press('?');
  await page.getByRole('heading', { name: 'Keyboard' }).waitFor();
  await page.getByRole('button', { name: 'Off', exact: true }).click();
  await page.keyboard.press('Escape');
  await page.keyboard.press('?');
  await page.keyboard.press('g');
  await page.keyboard.press('s');
  await page.reload();
  await page.getByRole('heading', { name: 'Miners' }).waitFor();
  await page.keyboard.press('?');
  expect(await page.getByRole('heading', { name: 'Keyboard' }).count()).toBe(0);
});

test('times: here and in UTC at a choice, in the tooltip both and the time at the site', async () => {
  const server = await startServer();
  const { minerId } = await seedFarm(server, 6);
  const { page } = await openPage();
  await logIn(page, `${server.url}/miners/${minerId}`);
  const answered = page.locator('.figure time').first();
  const tooltip = (await answered.getAttribute('title')) ?? '';
  expect(tooltip).toMatch(/GMT\+8/);
  expect(tooltip).toMatch(/GMT\+7 at the site/);
  expect(tooltip).toMatch(/\dZ$/);
  await page.getByRole('button', { name: 'admin' }).click();
  await page.getByRole('button', { name: 'UTC' }).click();
  await expect.poll(() => answered.getAttribute('title')).toMatch(/UTC/);
  await page.reload();
  await expect.poll(() => answered.getAttribute('title')).toMatch(/UTC/);
});

test('updates move nothing, and half an hour of them leaves no more in memory', async () => {
  const server = await startServer();
  await seedFarm(server);
  const { page } = await openPage();
  await page.clock.install();
  await logIn(page, server.url);
  await page.getByText('Newest problems').waitFor();
  const devtools = await page.context().newCDPSession(page);
  const heap = async () => {
    await devtools.send('HeapProfiler.collectGarbage');
    const { usedSize } = await devtools.send('Runtime.getHeapUsage');
    return usedSize;
  };
  const minutes = async (count: number) => {
    // Six polls a minute, each answered before the next.
    for (let poll = 0; poll < count * 6; poll += 1) {
      const answered = page.waitForResponse('**/api/fleet');
      await page.clock.runFor(10_100);
      await answered;
    }
  };
  // An age that becomes longer grows in its own place; everything else must stay where it is.
  await page.evaluate(`shifts = []; new PerformanceObserver((list) => {
    const moved = list.getEntries().flatMap(({ sources }) => sources.map(({ node }) => node));
    const elements = moved.map((node) => (node instanceof Element ? node : node?.parentElement));
    shifts.push(...elements.filter((one) => one && !one.closest('time')).map((one) => one.outerHTML));
  }).observe({ type: 'layout-shift' })`);
  await minutes(3);
  const before = await heap();
  await minutes(30);
  const after = await heap();
  expect(await page.evaluate('shifts')).toEqual([]);
  expect(after - before).toBeLessThan(500_000);
}, 120_000);

test.each([
  ['/', ['/api/fleet']],
  ['/miners', ['/api/fleet/miners', '/api/fleet/miners/facets']],
  ['/problems', ['/api/problems']],
  ['/agents', ['/api/agents']],
  ['/sites', ['/api/fleet/sites']],
  ['/people', ['/api/people']],
  ['/system', ['/api/system']],
])(
  '%s asks once for who is there, and for its data in one or two requests',
  async (path, wanted) => {
    const server = await startServer();
    await seedFarm(server, 6);
    const { page } = await openPage();
    await logIn(page, `${server.url}/account`);
    await page.locator('.panel').first().waitFor();
    await page.goto(`${server.url}/favicon.svg`);
    const asked: string[] = [];
    page.on('request', (request) => {
      const { pathname } = new URL(request.url());
      if (pathname.startsWith('/api/')) asked.push(pathname);
    });
    await page.goto(server.url + path);
    // A place held for a panel is none: nothing is asked yet then.
    await page.locator('.panel:not(.skeleton *)').first().waitFor();
    await expect.poll(() => page.locator('.skeleton').count()).toBe(0);
    expect(asked.toSorted()).toEqual(['/api/auth/session', ...wanted].toSorted());
  },
);

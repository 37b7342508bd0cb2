import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { logIn, minerOf, sync, textsOf, useAdminPage } from './admin-page.ts';
import { seedFarm } from './seed-farm.ts';

const { startServer, openPage } = useAdminPage();

test('ten thousand miners: found, sorted, and only those in view are fetched and drawn', async () => {
  const server = await startServer();
  const agent = await server.registerAgent('north-1');
  for (let from = 0; from < 10_000; from += 2_500) {
    const miners = Array.from({ length: 2_500 }, (_, index) => minerOf(from + index));
    await sync(server, agent.apiKey, {
      discovered_miners: miners.map(({ found }) => found),
      miner_stats: miners.map(({ sample }) => sample),
    });
  }
  const { page, shot } = await openPage();
  const asked: string[] = [];
  page.on('request', (request) => {
    if (request.url().includes('/api/fleet/miners?')) asked.push(request.url());
  });
  await logIn(page, `${server.url}/miners?sort=name`);
  await page.getByText('10,000 miners', { exact: true }).waitFor();
  const names = page.locator('.miners tbody [data-column=name]');
  await names.first().waitFor();
  expect(await names.count()).toBeLessThan(80);
  expect(new Set(asked).size).toBe(1);
  await shot('miners-10000');

  await page.evaluate('scrollTo(0, document.body.scrollHeight)');
  await names.filter({ hasText: 'Rack-9999' }).waitFor();
  expect(await names.count()).toBeLessThan(80);
  expect(new Set(asked).size).toBeLessThan(5);

  await page.getByRole('button', { name: 'Fans' }).click();
  await page.evaluate('scrollTo(0, 0)');
  await names.filter({ hasText: 'Rack-9999' }).waitFor();
  expect(page.url()).toContain('sort=fan_speed&order=desc');

  await page.keyboard.press('/');
  await page.keyboard.type('02:00:00:00:00:05');
  await page.getByText('1 miner', { exact: true }).waitFor();
  await expect.poll(() => textsOf(names)).toEqual(['Rack-5']);
  await page.getByLabel('Filter').fill('nothing like it');
  await page.getByText('No miner matches.').waitFor();
  await page.getByRole('button', { name: 'Show all' }).click();
  await page.getByText('10,000 miners', { exact: true }).waitFor();
}, 120_000);

test('a view is an address: opened elsewhere it shows the same', async () => {
  const server = await startServer();
  await seedFarm(server);
  const { page } = await openPage();
  await logIn(page, `${server.url}/miners`);
  await page.getByRole('button', { name: /^Degraded/ }).click();
  await page.getByText('4 miners', { exact: true }).waitFor();
  await page.getByRole('button', { name: 'Columns' }).click();
  await page.getByLabel('Serial number').check();
  await page.keyboard.press('Escape');
  const address = page.url();

  const { page: other } = await openPage();
  await logIn(other, address);
  await other.getByText('4 miners', { exact: true }).waitFor();
  await other.getByRole('button', { name: 'Serial number' }).waitFor();
  const states = other.locator('.miners tbody [data-column=state]');
  await expect
    .poll(() => textsOf(states))
    .toEqual(['Degraded', 'Degraded', 'Degraded', 'Degraded']);
});

test('many at once: some by their boxes, then all that are meant', async () => {
  const server = await startServer();
  await seedFarm(server);
  const { page, shot } = await openPage();
  await logIn(page, `${server.url}/miners?state=degraded`);
  await page.getByLabel('Choose Rack-5', { exact: true }).check();
  await page.getByText('1 chosen').waitFor();
  await page.getByRole('button', { name: 'Choose all 4' }).click();
  await page.getByText('4 chosen').waitFor();
  await shot('miners-chosen');
  await page.getByRole('button', { name: 'Add tag' }).click();
  await page.getByLabel('Tag', { exact: true }).last().fill('weak');
  await page.getByRole('button', { name: 'Change 4' }).click();
  await page.locator('dialog').waitFor({ state: 'detached' });
  const tagged = await server.deps
    .sql`select name from miners where 'weak' = any(tags) order by id`;
  expect(tagged.map(({ name }) => name)).toEqual(['Rack-5', 'Rack-22', 'Rack-39', 'Rack-56']);
  await page.getByText('chosen').waitFor({ state: 'detached' });
});

test('the list is taken along as a file, as it is filtered', async () => {
  const server = await startServer();
  await seedFarm(server);
  const { page } = await openPage();
  await logIn(page, `${server.url}/miners?state=offline&sort=name`);
  await page.getByRole('button', { name: 'Export' }).click();
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('link', { name: 'CSV', exact: true }).click(),
  ]);
  const text = await readFile(await download.path(), 'utf8');
  const lines = text.trim().split('\r\n');
  expect(lines).toHaveLength(6);
  expect(lines[1]).toContain('Rack-20');
});

test('a miner: changed by hand, retired, taken back', async () => {
  const server = await startServer();
  const { minerId } = await seedFarm(server);
  const { page } = await openPage();
  await logIn(page, `${server.url}/miners/${minerId}`);
  await page.getByRole('heading', { name: 'Hashboards' }).waitFor();
  expect(await page.locator('.boards tbody tr').count()).toBe(3);
  expect(await page.locator('.spark path').count()).toBeGreaterThan(3);

  await page.getByRole('button', { name: 'Edit' }).click();
  await page.locator('[name=miner-name]').fill('The first');
  await page.locator('[name=tags]').fill('a, b');
  await page.locator('[name=expected]').fill('120');
  await page.locator('[name=note]').fill('Fan replaced');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('heading', { name: 'The first' }).waitFor();
  await page.getByText('of 120 TH/s expected').waitFor();
  await page.getByText('Fan replaced').waitFor();

  await page.getByRole('button', { name: 'Retire' }).click();
  await page.locator('dialog .danger').click();
  await page.getByText('it is left out of lists').waitFor();
  await page.goto(`${server.url}/miners?q=The+first`);
  await page.getByText('No miner matches.').waitFor();
  await page.getByLabel('Retired ones').check();
  await page.getByRole('link', { name: 'The first' }).click();
  await page.getByRole('button', { name: 'Take back' }).click();
  await page.locator('dialog .danger').click();
  await page.locator('.page-title').getByText('Retired').waitFor({ state: 'detached' });
});

test('problems: acknowledged with a note, seen by others, taken back', async () => {
  const server = await startServer();
  await seedFarm(server);
  const { page, shot } = await openPage();
  await logIn(page, server.url);
  await page.getByRole('link', { name: /^Low hashrate/ }).click();
  const entries = page.locator('.problems > li');
  await expect.poll(() => entries.count()).toBe(4);
  await entries.first().getByRole('checkbox').check();
  await entries.nth(1).getByRole('checkbox').check();
  await page.locator('.bulk').getByRole('button', { name: 'Acknowledge' }).click();
  await page.getByLabel('Note').fill('Boards ordered');
  await shot('problems-acknowledge');
  await page.locator('dialog .primary').click();
  await expect.poll(() => entries.count()).toBe(2);

  await page.getByRole('button', { name: 'Acknowledged' }).click();
  await expect.poll(() => entries.count()).toBe(2);
  await page.getByText('Boards ordered').first().waitFor();
  await page.getByRole('button', { name: 'Take back' }).first().click();
  await expect.poll(() => entries.count()).toBe(1);
});

test('sites: what people say of one, and its containers', async () => {
  const server = await startServer();
  await seedFarm(server, 6);
  const { page, problems } = await openPage();
  await logIn(page, `${server.url}/sites`);
  const south = page.locator('.site', { hasText: 'South' });
  await south.getByRole('button', { name: 'Edit' }).click();
  await page.locator('dialog [name=zone]').fill('Asia/Irkutsk');
  await page.locator('dialog [name=kilowatts]').fill('250');
  await page.getByRole('button', { name: 'Save' }).click();
  await south.getByText('Asia/Irkutsk').waitFor();
  await south.getByText('250.0 kW').waitFor();

  await south.getByRole('button', { name: 'Add container' }).click();
  await page.locator('dialog [name=name]').fill('C');
  await page.getByRole('button', { name: 'Save' }).click();
  await south.locator('.containers').getByText('C', { exact: true }).waitFor();
  await south.locator('.containers').getByRole('button', { name: 'Delete' }).click();
  await page.locator('dialog .danger').click();
  await south.locator('.containers').waitFor({ state: 'detached' });

  await south.getByRole('button', { name: 'Delete' }).click();
  await page.locator('dialog .danger').click();
  await page.getByText('It is not empty.').waitFor();
  expect(problems.splice(0).every((problem) => /status of 400/.test(problem))).toBe(true);
});

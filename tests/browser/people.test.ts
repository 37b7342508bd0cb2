import { expect, test } from 'vitest';
import { TEST_PASSWORD } from '../support/server.ts';
import { logIn, useAdminPage } from './admin-page.ts';
import { seedFarm } from './seed-farm.ts';

const { startServer, openPage } = useAdminPage();

test('a user is added, sees only what is granted, is disabled; the log tells of it', async () => {
  const server = await startServer();
  await seedFarm(server, 6);
  const { page, shot } = await openPage();
  await logIn(page, `${server.url}/people`);
  await page.getByRole('button', { name: 'Add user' }).click();
  await page.locator('[name=person-name]').fill('olga');
  await page.locator('[name=person-password]').fill(TEST_PASSWORD);
  await page.getByLabel('Only the sites and containers chosen here').check();
  await page.getByLabel('South').check();
  await shot('people-add');
  await page.locator('dialog .primary').click();
  await page.getByRole('button', { name: 'olga' }).waitFor();

  const { page: hers } = await openPage();
  await logIn(hers, `${server.url}/miners`, 'olga');
  await hers.getByText('3 miners', { exact: true }).waitFor();
  expect(await hers.getByRole('link', { name: 'People' }).count()).toBe(0);

  await page.getByRole('button', { name: 'olga' }).click();
  await page.getByLabel('May log in').uncheck();
  await page.getByRole('button', { name: 'Save' }).click();
  await page.locator('.people').getByText('Disabled').waitFor();
  await hers.reload();
  await hers.getByRole('heading', { name: 'Log in to Hashyard' }).waitFor();

  await page.getByRole('link', { name: 'Audit log' }).click();
  await page.getByText('user · changed').waitFor();
  await page.locator('.changes', { hasText: 'is_active' }).first().waitFor();
  await page.getByText('user · added').waitFor();
});

test('a token: shown once, works, reads only, revoked', async () => {
  const server = await startServer();
  const { page } = await openPage();
  await logIn(page, `${server.url}/account`);
  await page.getByRole('button', { name: 'New token' }).click();
  await page.locator('[name=token-name]').fill('backup');
  await page.getByRole('button', { name: 'Make it and show it' }).click();
  const token = (await page.locator('dialog code').textContent()) ?? '';
  expect(token).toMatch(/^hyu_/);
  expect((await server.call('GET', '/api/sites', { token })).status).toBe(200);
  const body = { name: 'X' };
  expect((await server.call('POST', '/api/sites', { token, body })).status).toBe(403);
  await page.getByRole('button', { name: 'Close' }).click();
  expect(await page.content()).not.toContain(token);

  await page.locator('.entries li', { hasText: 'backup' }).getByRole('button').click();
  await page.locator('dialog .danger').click();
  await page.locator('.entries li', { hasText: 'backup' }).getByText('revoked').waitFor();
  expect((await server.call('GET', '/api/sites', { token })).status).toBe(401);
});

test('another session is ended from here; a new password ends all others', async () => {
  const server = await startServer();
  const { page } = await openPage();
  const { page: other } = await openPage();
  await logIn(other, `${server.url}/account`);
  await logIn(page, `${server.url}/account`);
  await page.getByRole('button', { name: 'End', exact: true }).click();
  await page.getByRole('button', { name: 'End', exact: true }).waitFor({ state: 'detached' });
  await other.reload();
  await logIn(other, `${server.url}/account`);

  await page.getByLabel('Current password').fill(TEST_PASSWORD);
  await page.getByLabel('New password').fill('another battery staple');
  await page.getByRole('button', { name: 'Change password' }).click();
  await page.getByText('All your other sessions have ended.').waitFor();
  await other.reload();
  await other.getByRole('heading', { name: 'Log in to Hashyard' }).waitFor();
  await page.reload();
  await page.getByText('Where you are logged in').waitFor();
  expect(await server.deps.sql`select 1 from sessions`).toHaveLength(1);
});

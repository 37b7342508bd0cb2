import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { offerSetup } from '../../server/features/people/setup-token.ts';
import { startFarm } from '../../simulator/farm.ts';
import { startAgentProcess } from '../../simulator/services/agent-process.ts';
import { TEST_PASSWORD } from '../support/server.ts';
import { logIn, minerOf, sync, textsOf, useAdminPage } from './admin-page.ts';

const { startServer, openPage } = useAdminPage();

/** Runs the script as `curl … | sh` would; the agent lands under `root`. */
async function install(
  url: string,
  root: string,
  env: Record<string, string>,
): Promise<number | null> {
  const script = await (await fetch(`${url}/install.sh`)).text();
  const PATH = `${dirname(process.execPath)}:${process.env['PATH']}`;
  const child = spawn('sh', [], {
    env: { PATH, HASHYARD_ROOT: root, ...env },
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  child.stdin.end(script);
  return new Promise((resolve) => child.on('close', resolve));
}

test('a new server is set up in the browser, once', async () => {
  const server = await startServer();
  const { sql } = server.deps;
  await sql`delete from users`;
  const token = await offerSetup(sql, new Date());
  const { page, shot, problems } = await openPage();
  await page.goto(`${server.url}/miners`);
  await page.getByRole('heading', { name: 'Set up Hashyard' }).waitFor();
  await page.getByLabel('Set-up token').fill('0'.repeat(64));
  await page.getByLabel('Password').fill(TEST_PASSWORD);
  await page.getByRole('button', { name: 'Make the administrator' }).click();
  await page.getByRole('alert').getByText('wrong or has expired').waitFor();
  await shot('setup-wrong');
  expect(problems.splice(0).every((problem) => /status of 403/.test(problem))).toBe(true);

  await page.getByLabel('Set-up token').fill(` ${token} `);
  await page.getByRole('button', { name: 'Make the administrator' }).click();
  await page.getByRole('heading', { name: 'Start here' }).waitFor();
  await page.getByRole('button', { name: 'admin' }).click();
  await page.getByRole('button', { name: 'Log out' }).click();
  await page.getByRole('heading', { name: 'Log in to Hashyard' }).waitFor();
});

test('from an empty system to a running agent and its miners: five clicks, two fields', async () => {
  const server = await startServer();
  const root = await mkdtemp(join(tmpdir(), 'hashyard-site-'));
  await using stack = new AsyncDisposableStack();
  stack.defer(() => rm(root, { recursive: true, force: true }));
  const { page, shot } = await openPage();
  await logIn(page, server.url);
  await page.getByRole('heading', { name: 'Start here' }).waitFor();
  await shot('empty');

  let clicks = 0;
  let fields = 0;
  const click = async (role: 'button' | 'link', name: string) => {
    clicks += 1;
    await page.getByRole(role, { name }).click();
  };
  const fill = async (label: string, text: string) => {
    fields += 1;
    await page.getByLabel(label).fill(text);
  };
  await click('button', 'Create a site');
  await fill('Name', 'North hall');
  await shot('new-site');
  await click('button', 'Create site');
  await click('link', 'Add an agent');
  await fill('Name', 'north-1');
  await click('button', 'Add it and show its key');
  await page.getByText('Waiting for its first contact').waitFor();
  await shot('agent-added');
  await click('button', 'Copy: One line');
  expect({ clicks, fields }).toEqual({ clicks: 5, fields: 2 });

  const key = (await page.locator('.new-key code').textContent()) ?? '';
  expect(key).toMatch(/^hy_\w{60,}$/);
  const command = await page.locator('.copy-text code', { hasText: 'install.sh' }).textContent();
  expect(command).toBe(
    `curl -fsSL '${server.url}/install.sh' | sudo AGENT_NETWORK='192.168.1.0/24' sh`,
  );

  // What the command does on a machine at the site: among simulated miners, in a folder instead of as a service.
  const range = `127.31.${process.pid % 250}.0/28`;
  const farm = await startFarm({ range, miners: 4, seed: 7 });
  stack.defer(() => farm.close());
  expect(await install(server.url, root, { AGENT_API_KEY: key, AGENT_NETWORK: range })).toBe(0);
  const installed = join(root, 'opt/hashyard-agent/config.json');
  const config = JSON.parse(await readFile(installed, 'utf8'));
  const agent = await startAgentProcess({
    dir: join(root, 'opt/hashyard-agent'),
    config: { ...config, scan_interval: 5, poll_interval: 5 },
    onEvent: () => {},
  });
  stack.defer(() => agent.stop());

  await page.locator('.arrival.good').getByText('4 miners found').waitFor({ timeout: 60_000 });
  await shot('agent-arrived');
  await page.getByRole('link', { name: '4 miners found' }).click();
  const addresses = page.locator('.miners tbody [data-column=ip_address]');
  await expect
    .poll(async () => (await textsOf(addresses)).toSorted(), { timeout: 20_000 })
    .toEqual(farm.miners.map(({ ip }) => ip).toSorted());
  expect(await page.content()).not.toContain(key);
}, 120_000);

test('the key is shown once; a new one is made, the old one revoked, both at the next call', async () => {
  const server = await startServer();
  const agent = await server.registerAgent('north-1');
  const { page, shot } = await openPage();
  await sync(server, agent.apiKey, { discovered_miners: [minerOf(0).found] });
  await logIn(page, `${server.url}/agents/${agent.id}`);
  await page.getByRole('button', { name: 'New key' }).click();
  const fresh = (await page.locator('.new-key code').textContent()) ?? '';
  expect(fresh).not.toBe(agent.apiKey);
  await shot('agent-new-key');
  await sync(server, fresh, {});
  expect(await page.getByRole('button', { name: 'New key' }).isDisabled()).toBe(true);

  await page.getByRole('button', { name: 'Revoke' }).last().click();
  await page.getByText('An agent that uses it is refused from its next call on.').waitFor();
  await page.locator('dialog .danger').click();
  await page.locator('dialog').waitFor({ state: 'detached' });
  await expect(sync(server, agent.apiKey, {})).rejects.toThrow('401');
  await sync(server, fresh, {});

  await page.reload();
  await page.getByText('Keys').waitFor();
  expect(await page.content()).not.toContain(fresh);
});

test('an agent is renamed, moved with its miners, retired and taken back', async () => {
  const server = await startServer();
  const make = (name: string) =>
    server.call('POST', '/api/sites', { token: server.adminToken, body: { name } });
  const north = (await make('North')).body.id;
  await make('South');
  const agent = await server.registerAgent('north-1', north);
  await sync(server, agent.apiKey, { discovered_miners: [minerOf(0).found, minerOf(1).found] });
  const { page } = await openPage();
  await logIn(page, `${server.url}/agents/${agent.id}`);
  await page.getByRole('button', { name: 'Rename or move' }).click();
  await page.locator('[name=agent-name]').fill('south-1');
  await page.locator('[name=agent-site]').selectOption({ label: 'South' });
  await page.getByText('2 miners go with it').waitFor();
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('heading', { name: 'south-1' }).waitFor();
  const rows = await server.deps.sql`select s.name from miners m join sites s on s.id = m.site_id`;
  expect(rows.map(({ name }) => name)).toEqual(['South', 'South']);

  await page.getByRole('button', { name: 'Retire' }).click();
  await page.getByText('Its keys are revoked: from its next call on').waitFor();
  await page.locator('dialog .danger').click();
  await page.locator('.page-title').getByText('Retired').waitFor();
  await expect(sync(server, agent.apiKey, {})).rejects.toThrow('401');
  await page.getByRole('button', { name: 'Take back' }).click();
  await page.locator('dialog .danger').click();
  await page.getByRole('button', { name: 'Retire' }).waitFor();
});

test('what needs the password again asks for it, and goes on', async () => {
  const server = await startServer();
  const agent = await server.registerAgent('north-1');
  const { page, problems, shot } = await openPage();
  await logIn(page, `${server.url}/agents/${agent.id}`);
  await server.deps.sql`update sessions set confirmed_at = now() - interval '1 hour'`;
  await page.getByRole('button', { name: 'New key' }).click();
  await page.getByRole('heading', { name: 'Your password, once more' }).waitFor();
  await shot('password-again');
  await page.locator('dialog [name=password]').fill('not the password');
  await page.getByRole('button', { name: 'Go on' }).click();
  await page.getByText('This is not your password.').waitFor();
  await page.locator('dialog [name=password]').fill(TEST_PASSWORD);
  await page.getByRole('button', { name: 'Go on' }).click();
  await page.locator('.new-key').waitFor();

  await server.deps.sql`update sessions set confirmed_at = now() - interval '1 hour'`;
  await page.getByRole('button', { name: 'Revoke' }).first().click();
  await page.locator('dialog .danger').click();
  await page.getByRole('heading', { name: 'Your password, once more' }).waitFor();
  await page.locator('dialog').last().getByRole('button', { name: 'Cancel' }).click();
  await page.getByText('Give your password again.').waitFor();
  const keys = await server.deps.sql`select 1 from agent_keys where revoked_at is null`;
  expect(keys).toHaveLength(2);
  expect(problems.splice(0).every((problem) => /status of 403/.test(problem))).toBe(true);
});

import { spawn } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import Fastify, { type FastifyInstance } from 'fastify';
import { serializerCompiler, validatorCompiler } from 'fastify-type-provider-zod';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Deps } from '../../deps.ts';
import { installErrorHandler } from '../../failures.ts';
import { startTestServer } from '../../../tests/support/server.ts';
import { installRoutes } from './routes.ts';

const KEY = 'hy_0123abcd_0123456789';
let dir: string;
let root: string;
let app: FastifyInstance;

/** A server that hands out what lies in `dir`, and nothing else; its address. */
async function serve(publicUrl?: string): Promise<string> {
  app = Fastify();
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  installErrorHandler(app);
  const deps = { config: { publicUrl } };
  await app.register(installRoutes(deps as unknown as Deps, dir));
  return app.listen({ host: '127.0.0.1', port: 0 });
}

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'hashyard-handed-out-'));
  root = await mkdtemp(join(tmpdir(), 'hashyard-root-'));
  await writeFile(join(dir, 'hashyard-agent.mjs'), 'console.log("agent");\n');
  await writeFile(join(dir, 'miners-agent.service'), '[Unit]\n');
  await writeFile(join(dir, 'package.json'), '{"version":"1.2.3"}');
});
afterEach(async () => {
  await app?.close();
  await rm(dir, { recursive: true });
  await rm(root, { recursive: true });
});

/** `curl … | sh` in the temporary root, with the Node of this process; exit code and all it said. */
async function runScript(script: string, env: Record<string, string>, args: string[] = []) {
  const path = `${dirname(process.execPath)}:${process.env['PATH']}`;
  const child = spawn('sh', ['-s', '--', ...args], {
    env: { PATH: path, LANG: 'C', HASHYARD_ROOT: root, ...env },
    // No terminal that could be asked for the key.
    detached: true,
  });
  let said = '';
  child.stdout.on('data', (text: string) => (said += text));
  child.stderr.on('data', (text: string) => (said += text));
  child.stdin.on('error', () => {});
  child.stdin.end(script);
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  return { code, said };
}
const scriptOf = async (url: string) => (await fetch(`${url}/install.sh`)).text();
const installed = (path: string) => readFile(join(root, path), 'utf8');

test('the script puts agent, unit and a private config.json in place, and updates the agent', async () => {
  const url = await serve();
  const script = await scriptOf(url);
  const first = await runScript(script, { AGENT_API_KEY: KEY, AGENT_NETWORK: '127.20.0.0/24' });
  expect(first).toMatchObject({ code: 0 });
  expect(await installed('opt/hashyard-agent/hashyard-agent.mjs')).toContain('agent');
  expect(await installed('etc/systemd/system/miners-agent.service')).toBe('[Unit]\n');
  expect(JSON.parse(await installed('opt/hashyard-agent/config.json'))).toEqual({
    server_url: url,
    api_key: KEY,
    network_cidr: '127.20.0.0/24',
  });
  const { mode } = await stat(join(root, 'opt/hashyard-agent/config.json'));
  expect(mode & 0o777).toBe(0o600);
  expect(first.said).not.toContain(KEY);

  // A second run without a key: a new agent, the configuration of before.
  await app.close();
  await writeFile(join(dir, 'hashyard-agent.mjs'), 'console.log("newer");\n');
  const second = await runScript(await scriptOf(await serve()), {});
  expect(second).toMatchObject({ code: 0 });
  expect(await installed('opt/hashyard-agent/hashyard-agent.mjs')).toContain('newer');
  expect(JSON.parse(await installed('opt/hashyard-agent/config.json'))).toMatchObject({
    server_url: url,
    api_key: KEY,
  });

  expect(await runScript(script, {}, ['--uninstall'])).toMatchObject({ code: 0 });
  await expect(stat(join(root, 'opt/hashyard-agent'))).rejects.toThrow('ENOENT');
});

test('a file that is not what was promised changes nothing', async () => {
  const script = await scriptOf(await serve());
  const other = script.replace(/AGENT_SHA256='\w+'/, `AGENT_SHA256='${'0'.repeat(64)}'`);
  const { code, said } = await runScript(other, { AGENT_API_KEY: KEY });
  expect(code).toBe(1);
  expect(said).toContain('SHA-256 differs');
  await expect(stat(join(root, 'opt'))).rejects.toThrow('ENOENT');
});

test('what is wrong is said, in Russian where that is the language', async () => {
  const script = await scriptOf(await serve());
  const without = await runScript(script, {});
  expect(without).toMatchObject({ code: 1, said: expect.stringContaining('AGENT_API_KEY') });
  const wrong = await runScript(script, { AGENT_API_KEY: 'password', LANG: 'ru_RU.UTF-8' });
  expect(wrong).toMatchObject({ code: 1, said: expect.stringContaining('не ключ агента') });
  const quoted = await runScript(script, {
    AGENT_API_KEY: KEY,
    AGENT_NETWORK: '1.2.3.4/24","a":"',
  });
  expect(quoted).toMatchObject({ code: 1, said: expect.stringContaining('AGENT_NETWORK') });

  const old = join(root, 'bin');
  await mkdir(old);
  await writeFile(join(old, 'node'), '#!/bin/sh\nexit 1\n');
  await chmod(join(old, 'node'), 0o755);
  const env = { AGENT_API_KEY: KEY, PATH: `${old}:${process.env['PATH']}` };
  const noNode = await runScript(script, env);
  expect(noNode).toMatchObject({ code: 1, said: expect.stringContaining('Node.js 24.11') });
});

test('a script cut short runs nothing', async () => {
  const script = await scriptOf(await serve());
  const cut = script.slice(0, script.lastIndexOf('\ncase "${1:-}"'));
  expect(await runScript(cut, { AGENT_API_KEY: KEY })).toEqual({ code: 0, said: '' });
  await expect(stat(join(root, 'opt'))).rejects.toThrow('ENOENT');
});

test('the address in the script is PUBLIC_URL, else the one it was asked by, and never more than that', async () => {
  const url = await serve();
  expect(await scriptOf(url)).toContain(`SERVER_URL='${url}'`);
  const evil = await app.inject({ url: '/install.sh', headers: { host: "a';reboot;'" } });
  expect(evil.statusCode).toBe(422);
  expect(evil.body).not.toContain('SERVER_URL');
  await app.close();
  const behindProxy = await serve('https://hashyard.example');
  expect(await scriptOf(behindProxy)).toContain("SERVER_URL='https://hashyard.example'");
});

test('a server without a built agent says how to build it', async () => {
  await rm(join(dir, 'hashyard-agent.mjs'));
  const url = await serve();
  const answer = await fetch(`${url}/install.sh`);
  expect(answer.status).toBe(404);
  expect(await answer.text()).toContain('npm run build:agent');
});

test('only staff is told what this server hands out', async () => {
  await using server = await startTestServer();
  const tenant = await server.addUser('tenant', 'client');
  expect((await server.call('GET', '/api/install')).status).toBe(401);
  expect((await server.call('GET', '/api/install', { token: tenant.token })).status).toBe(403);
  const answer = await server.call('GET', '/api/install', { token: server.adminToken });
  expect(answer).toMatchObject({ status: 200, body: { server_url: null } });
});

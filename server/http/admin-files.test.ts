import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Fastify, { type FastifyInstance } from 'fastify';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { installErrorHandler } from '../failures.ts';
import { adminFiles } from './admin-files.ts';

let dir: string;
let app: FastifyInstance;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'hashyard-admin-'));
  app = Fastify();
  installErrorHandler(app);
});
afterEach(async () => {
  await app.close();
  await rm(dir, { recursive: true, force: true });
});

test('before it is built, the page says how to build it', async () => {
  await app.register(adminFiles, { dir });
  const answer = await app.inject('/');
  expect(answer.statusCode).toBe(200);
  expect(answer.headers['content-type']).toMatch(/^text\/plain/);
  expect(answer.body).toContain('npm run build:admin');
});

test('every page is the app, every file itself, and what is missing is missing', async () => {
  await mkdir(join(dir, 'assets'));
  await writeFile(join(dir, 'index.html'), '<title>Hashyard</title>');
  await writeFile(join(dir, 'assets', 'main-abc123.js'), 'run()');
  await app.register(adminFiles, { dir });

  for (const page of ['/', '/miners', '/miners/5?tab=history', '/apiary']) {
    const answer = await app.inject(page);
    expect([page, answer.statusCode, answer.body]).toEqual([page, 200, '<title>Hashyard</title>']);
    expect(answer.headers['cache-control']).toBe('no-cache');
  }
  const script = await app.inject('/assets/main-abc123.js');
  expect(script.body).toBe('run()');
  expect(script.headers['cache-control']).toBe('public, max-age=31536000, immutable');
  for (const missing of ['/assets/old-000.js', '/api', '/api/x', '/docs/x']) {
    const answer = await app.inject(missing);
    expect([missing, answer.statusCode]).toEqual([missing, 404]);
  }
});

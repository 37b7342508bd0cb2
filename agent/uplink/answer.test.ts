import { describe, expect, it } from 'vitest';
import { judge, judgeInfo, retryAfterMs } from './answer.ts';
import type { RawAnswer } from './answer.ts';

const QUEUE = '3e2f5a3c-1f4e-4f0a-9d2a-0a6f1c3d5b7e';
const SENT = { queue: QUEUE, seq: 7, sha256: 'abc' };
const NOW = new Date('2026-03-01T12:00:00Z');

const good = {
  miners_added: 0,
  miners_updated: 0,
  stats_added: 1,
  errors: [],
  batch: { queue: QUEUE, seq: 7, sha256: 'abc' },
  duplicate: false,
  quarantined: [],
  gaps_taken: [],
  server_time: '2026-03-01T12:00:00.000Z',
  next: { live_ms: 0, backlog_ms: 200, max_bytes: 1_000_000 },
};
const problem = (status: number, code: string) => ({
  type: `urn:x:${code}`,
  title: 't',
  status,
  code,
  detail: 'd',
});
const answer = (status: number, body: unknown, retryAfter: string | null = null): RawAnswer => ({
  status,
  retryAfter,
  body: typeof body === 'string' ? body : JSON.stringify(body),
});
const kindOf = (raw: RawAnswer): string => judge(SENT, raw, NOW).kind;

describe('what an answer means', () => {
  it('acknowledges on a 200 that names queue, number and digest', () => {
    expect(kindOf(answer(200, good))).toBe('acknowledged');
  });

  it.each([
    ['another digest', { ...good, batch: { ...good.batch, sha256: 'abd' } }],
    ['another number', { ...good, batch: { ...good.batch, seq: 8 } }],
    ['another queue', { ...good, batch: { ...good.batch, queue: QUEUE.replace('3', '4') } }],
    ['the old server', { miners_added: 0, miners_updated: 0, stats_added: 1, errors: [] }],
    ['a captive portal', '<html>Log in to the network</html>'],
    ['nothing', ''],
  ])('keeps the batch on a 200 of %s', (_, body) => {
    expect(kindOf(answer(200, body))).toBe('later');
  });

  it.each([
    [301, ''],
    [404, problem(404, 'not_found')],
    [400, '<html>proxy</html>'],
    [422, { detail: [{ msg: 'a proxy of the old server' }] }],
    [413, '<html>nginx</html>'],
    [409, 'conflict'],
    [415, problem(415, 'unsupported_encoding')],
    [422, problem(400, 'invalid_body')],
    [500, problem(500, 'internal')],
    [502, 'bad gateway'],
  ])('keeps the batch on %i of somebody who is not us', (status, body) => {
    expect(kindOf(answer(status, body))).toBe('later');
  });

  it.each([
    // It was JSON when it left: something on the way takes bodies apart.
    [422, 'invalid_json', 'later'],
    // Some proxies take out headers they do not know.
    [422, 'missing_key', 'later'],
    [422, 'invalid_body', 'invalid'],
    [413, 'too_large', 'too_large'],
    [409, 'seq_reused', 'seq_reused'],
    [401, 'invalid_key', 'key_refused'],
    [403, 'forbidden', 'key_refused'],
    [426, 'upgrade', 'upgrade'],
    [503, 'busy', 'later'],
    [429, 'slow_down', 'later'],
  ])('takes our own %i %s as %s', (status, code, kind) => {
    expect(kindOf(answer(status, problem(status, code)))).toBe(kind);
  });

  it.each([
    [401, '<html>Log in to the network</html>'],
    [401, { detail: 'Unauthorized' }],
    [403, problem(401, 'invalid_key')],
    [426, '<html>Upgrade Required</html>'],
    [200, problem(426, 'upgrade')],
  ])('does not take a %i of a portal as a word about the key or the version', (status, body) => {
    expect(kindOf(answer(status, body))).toBe('later');
  });

  it.each([
    ['busy', 503, true],
    ['slow_down', 429, true],
    ['database_unavailable', 503, false],
    ['internal', 500, false],
  ])('knows whether %s is of the lane or of the server', (code, status, isOverload) => {
    const verdict = judge(SENT, answer(status, problem(status, code)), NOW);
    expect(verdict).toMatchObject({ kind: 'later', isOverload });
  });

  it("takes the server's time from its own answer only", () => {
    const date = 'Sun, 01 Mar 2026 12:00:30 GMT';
    const info = { id: 1, name: 'n', site_id: null, description: null, is_active: true };
    const ours = answer(200, { ...info, last_seen: null });
    expect(judgeInfo({ ...ours, date }, NOW)).toEqual({
      kind: 'time',
      serverMs: Date.parse(date),
    });
    expect(judgeInfo({ ...ours, date: null }, NOW).kind).toBe('later');
    expect(judgeInfo({ ...answer(200, '<html>'), date }, NOW).kind).toBe('later');
    expect(judgeInfo({ ...answer(401, problem(401, 'invalid_key')), date }, NOW).kind).toBe(
      'key_refused',
    );
  });

  it('honours Retry-After in seconds and as a date', () => {
    const verdict = judge(SENT, answer(503, problem(503, 'busy'), '17'), NOW);
    expect(verdict).toMatchObject({ kind: 'later', waitMs: 17_000 });
    expect(retryAfterMs('Sun, 01 Mar 2026 12:00:30 GMT', NOW)).toBe(30_000);
    expect(retryAfterMs('Sun, 01 Mar 2026 11:00:00 GMT', NOW)).toBe(0);
    expect(retryAfterMs('soon', NOW)).toBe(0);
    expect(retryAfterMs('999999999', NOW)).toBe(3_600_000);
    expect(retryAfterMs(null, NOW)).toBe(0);
  });
});

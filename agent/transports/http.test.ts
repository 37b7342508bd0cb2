import type { RequestListener } from 'node:http';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { loopbackDevice } from '../testing/loopback-device.ts';
import type { LoopbackDevice } from '../testing/loopback-device.ts';
import { authorize, parseChallenge } from './digest.ts';
import type { DigestChallenge } from './digest.ts';
import { askHttp, askHttpDigest } from './http.ts';
import type { HttpRequest } from './http.ts';
import { DEFAULT_LIMITS } from './limits.ts';
import type { Limits } from './limits.ts';

const page: HttpRequest = { method: 'GET', path: '/cgi-bin/stats.cgi' };

function options(device: LoopbackDevice, limits: Partial<Limits> = {}) {
  return {
    ...device.context.dial(device.host, 80),
    limits: { ...DEFAULT_LIMITS, ...limits },
    signal: device.context.signal,
  };
}

const serving = (http: RequestListener) => loopbackDevice({ 80: { http } });

describe('HTTP', () => {
  it('does not follow a redirect: it is evidence', async () => {
    await using device = await serving((_request, response) => {
      response.writeHead(307, { location: 'http://192.0.2.1/' }).end();
    });
    const { status, headers } = await askHttp(options(device), page);
    expect([status, headers['location']]).toEqual([307, 'http://192.0.2.1/']);
    expect(device.connections.get(80)).toBe(1);
  });

  it('unpacks gzip that comes unasked, and no more of it than fits', async () => {
    const bodies = ['<title>AxeOS</title>', 'x'.repeat(2_000_000)];
    await using device = await serving((_request, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(bodies.shift() ?? ''));
    });
    const limited = options(device, { maxBytes: 64 * 1024 });
    expect((await askHttp(limited, page)).text).toBe('<title>AxeOS</title>');
    expect((await askHttp(limited, page)).text.length).toBeLessThan(64 * 1024);
  });

  it('asks for no compression, sends no origin, and closes', async () => {
    const seen: Record<string, unknown>[] = [];
    await using device = await serving((request, response) => {
      seen.push(request.headers);
      response.end('{}');
    });
    await askHttp(options(device), page);
    expect(seen[0]).not.toHaveProperty('accept-encoding');
    expect(seen[0]).not.toHaveProperty('origin');
    expect(seen[0]).toMatchObject({ connection: 'close' });
  });

  it('stops at the size limit', async () => {
    await using device = await serving((_request, response) => {
      response.write('x'.repeat(30_000));
    });
    const { text, truncated } = await askHttp(options(device, { maxBytes: 1_000 }), page);
    expect([text.length, truncated]).toEqual([1_000, true]);
  });

  it('keeps what came of a body that never ends', async () => {
    await using device = await serving((_request, response) => {
      const drip = setInterval(() => response.write('x'), 10);
      response.once('close', () => clearInterval(drip));
    });
    const reply = await askHttp(options(device, { totalMs: 300 }), page);
    expect(reply).toMatchObject({ status: 200, truncated: true });
    expect(reply.text).toMatch(/^x+$/);
  });

  it('refuses a header nobody needs', async () => {
    await using device = await serving((_request, response) => {
      response.setHeader('x-big', 'y'.repeat(20_000));
      response.end();
    });
    await expect(askHttp(options(device), page)).rejects.toMatchObject({
      reason: 'not_understood',
    });
  });

  it.each([
    ['timeout', (() => undefined) satisfies RequestListener],
    ['reset', ((request) => request.socket.resetAndDestroy()) satisfies RequestListener],
  ])('says why there is no reply: %s', async (reason, http) => {
    await using device = await serving(http);
    await expect(
      askHttp(options(device, { firstByteMs: 1_000, totalMs: 300 }), page),
    ).rejects.toMatchObject({
      reason,
    });
  });

  it('ends on abort with the reason of the abort', async () => {
    await using device = await serving(() => device.stop());
    await expect(askHttp(options(device), page)).rejects.toThrow('stopped');
  });
});

/** Accepts a nonce `uses` times, then challenges again; checks the whole response. */
function guarded(uses: number) {
  const refused: string[] = [];
  const counts: string[] = [];
  let left = 0;
  let nonce = 0;
  const http: RequestListener = (request, response) => {
    const header = request.headers.authorization ?? '';
    if (left > 0 && header.includes(`nonce="${nonce}"`) && header.includes('username="root"')) {
      left--;
      counts.push(/nc=([0-9a-f]+)/.exec(header)?.[1] ?? '');
      response.end('{"ok":1}');
      return;
    }
    refused.push(header);
    nonce++;
    left = uses;
    response.writeHead(401, {
      'www-authenticate': `Digest realm="antMiner Configuration", nonce="${nonce}", qop="auth"`,
    });
    response.end();
  };
  return { http, refused, counts };
}

describe('digest', () => {
  it('computes the example of RFC 2617', () => {
    const challenge = parseChallenge(
      'Digest realm="testrealm@host.com", qop="auth,auth-int", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", opaque="5ccc069c403ebaf9f0171e9517f40e41"',
    )!;
    expect(
      authorize(
        challenge,
        { method: 'GET', path: '/dir/index.html', user: 'Mufasa', password: 'Circle Of Life' },
        '0a4f113b',
      ),
    ).toContain('response="6629fae49393a05397450978507c4ef1"');
  });

  it('knows the old form without qop, and refuses what is not MD5', () => {
    const challenge = parseChallenge('Digest realm="r", nonce="n"')!;
    expect(authorize(challenge, { ...page, user: 'u', password: 'p' })).not.toContain('qop');
    expect(parseChallenge('Digest realm="r", nonce="n", algorithm=SHA-256')).toBeNull();
    expect(parseChallenge('Basic realm="r"')).toBeNull();
  });

  it('uses a nonce again, and takes a new one when it is stale', async () => {
    const guard = guarded(3);
    await using device = await serving(guard.http);
    const challenges: { current: DigestChallenge | null } = { current: null };
    const login = { user: 'root', password: 'root' };
    const statuses: number[] = [];
    for (let round = 0; round < 4; round++) {
      statuses.push((await askHttpDigest(options(device), page, login, challenges)).status);
    }
    expect(statuses).toEqual([200, 200, 200, 200]);
    // The first request without, the fourth with a spent nonce.
    expect(guard.refused.length).toBe(2);
    // Counted up for each nonce: a server may refuse a count it has seen.
    expect(guard.counts).toEqual(['00000001', '00000002', '00000003', '00000001']);
  });

  it('shows a wrong password once where the challenge is new', async () => {
    const guard = guarded(1);
    await using device = await serving(guard.http);
    const unasked = await askHttp(options(device), page);
    const current = parseChallenge(unasked.headers['www-authenticate'] ?? '');
    const login = { user: 'other', password: 'x' };
    const challenges = { current };
    const reply = await askHttpDigest(options(device), page, login, challenges);
    expect([reply.status, guard.refused.length]).toEqual([401, 2]);
    expect(challenges.current).not.toBe(current);
  });

  it('asks twice at most with a login that is wrong', async () => {
    const guard = guarded(1);
    await using device = await serving(guard.http);
    const login = { user: 'other', password: 'x' };
    const reply = await askHttpDigest(options(device), page, login, { current: null });
    expect([reply.status, guard.refused.length]).toEqual([401, 2]);
  });
});

import { Buffer } from 'node:buffer';
import { isIPv6 } from 'node:net';
import { constants, gunzipSync } from 'node:zlib';
import { Client } from 'undici';
import { authorize, isFresh, parseChallenge } from './digest.ts';
import type { DigestChallenge } from './digest.ts';
import type { Limits } from './limits.ts';
import { pastShortage } from './past-shortage.ts';
import { toTransportError, TransportError } from './transport-error.ts';

export interface HttpRequest {
  method: 'GET' | 'POST';
  /** With its query, as it goes into the request line. */
  path: string;
  headers?: Readonly<Record<string, string>>;
  body?: string;
}

export interface HttpReply {
  status: number;
  /** Lower-case names; repeated headers joined with ", ". */
  headers: Readonly<Record<string, string>>;
  text: string;
  /** The body went on beyond the limit or the deadline. */
  truncated: boolean;
}

const MAX_HEADER_BYTES = 16 * 1024;

export interface HttpOptions {
  host: string;
  port: number;
  /** A miner's certificate is self-signed, always. */
  tls?: boolean;
  limits: Limits;
  signal: AbortSignal;
}

/**
 * One HTTP request on a connection of its own. Redirects are evidence, not orders: never followed.
 * Compression is not offered; gzip that comes anyway is unpacked. Rejects with `TransportError`
 * when no status line came. A shortage of sockets on this machine is waited out.
 */
export function askHttp(options: HttpOptions, request: HttpRequest): Promise<HttpReply> {
  return pastShortage(options.signal, () => attempt(options, request));
}

async function attempt(options: HttpOptions, request: HttpRequest): Promise<HttpReply> {
  const { host, port, tls = false, limits, signal } = options;
  signal.throwIfAborted();
  const deadline = AbortSignal.timeout(limits.totalMs);
  const client = new Client(
    `${tls ? 'https' : 'http'}://${isIPv6(host) ? `[${host}]` : host}:${port}`,
    {
      connect: { timeout: limits.connectMs, rejectUnauthorized: false, autoSelectFamily: false },
      headersTimeout: limits.firstByteMs,
      bodyTimeout: limits.totalMs,
      maxHeaderSize: MAX_HEADER_BYTES,
      pipelining: 0,
    },
  );
  try {
    const reply = await client.request({
      method: request.method,
      path: request.path,
      headers: { accept: '*/*', connection: 'close', ...request.headers },
      ...(request.body === undefined ? {} : { body: request.body }),
      signal: AbortSignal.any([signal, deadline]),
    });
    const headers = flatten(reply.headers);
    const { bytes, truncated } = await readBody(reply.body, limits.maxBytes, deadline);
    const text = inflated(bytes, headers['content-encoding'], limits.maxBytes).toString('utf8');
    return { status: reply.statusCode, headers, text, truncated };
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    if (deadline.aborted) {
      throw new TransportError('timeout', `no reply within ${limits.totalMs} ms`, { cause: error });
    }
    throw toTransportError(error);
  } finally {
    // Not `close()`: that would wait for a body nobody reads any more.
    await client.destroy();
  }
}

/**
 * As `askHttp` with digest authentication: the stored challenge first, one more attempt on a new
 * one. The reply may still be a 401: wrong password.
 */
export async function askHttpDigest(
  options: HttpOptions,
  request: HttpRequest,
  login: { user: string; password: string },
  challenges: { current: DigestChallenge | null },
): Promise<HttpReply> {
  const send = () => {
    const challenge = challenges.current;
    const authorization = challenge ? authorize(challenge, { ...request, ...login }) : null;
    return askHttp(
      options,
      authorization === null
        ? request
        : { ...request, headers: { ...request.headers, authorization } },
    );
  };
  const wasFresh = challenges.current !== null && isFresh(challenges.current);
  const first = await send();
  if (first.status !== 401) return first;
  const challenge = parseChallenge(first.headers['www-authenticate'] ?? '');
  if (!challenge) return first;
  challenges.current = challenge;
  // Some firmwares count wrong passwords: one that a new nonce did not help is not shown again.
  return wasFresh && !challenge.stale ? first : send();
}

async function readBody(
  body: AsyncIterable<Buffer>,
  maxBytes: number,
  deadline: AbortSignal,
): Promise<{ bytes: Buffer; truncated: boolean }> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of body) {
      const room = maxBytes - size;
      chunks.push(chunk.length > room ? chunk.subarray(0, room) : chunk);
      size += chunk.length;
      if (size > maxBytes) return { bytes: Buffer.concat(chunks), truncated: true };
    }
  } catch (error) {
    // What came before the deadline or the reset is still worth reading.
    if (size === 0 && !deadline.aborted) throw error;
    return { bytes: Buffer.concat(chunks), truncated: true };
  }
  return { bytes: Buffer.concat(chunks), truncated: false };
}

/** AxeOS has its pages on the flash as gzip and sends them so, whether asked to or not. */
function inflated(bytes: Buffer, encoding: string | undefined, maxBytes: number): Buffer {
  if (encoding !== 'gzip') return bytes;
  try {
    return gunzipSync(bytes, {
      maxOutputLength: maxBytes,
      // A page cut at the limit still tells whose it is.
      finishFlush: constants.Z_SYNC_FLUSH,
    });
  } catch {
    return bytes;
  }
}

function flatten(headers: Record<string, string | string[] | undefined>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name.toLowerCase(),
      Array.isArray(value) ? value.join(', ') : (value ?? ''),
    ]),
  );
}

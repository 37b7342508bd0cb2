import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';
import type * as z from 'zod';
import type { infoAnswer } from '../../../contract/agent.ts';
import { REFUSALS, type Problem } from '../../../contract/refusals.ts';
import type { SyncAnswer, SyncRequest } from '../../../contract/sync.ts';
import { secondOf } from './batches.ts';
import { gapsIn, type NamedGap } from './folder.ts';

/** What one agent has delivered. */
export interface Delivered {
  /** Seconds of the batches that arrived whole, and how often each. */
  batches: Map<number, number>;
  /** By their ids. */
  gaps: Map<string, NamedGap>;
  /** What arrived and was no batch, or held a value that is not the one put in. */
  wrong: string[];
}

/** A server that acknowledges every whole batch and remembers what it has got. It knows no key and keeps nothing. */
export interface Sink extends AsyncDisposable {
  /** For one agent: they are told apart by the first part of the path. */
  urlOf(agent: string): string;
  delivered(agent: string): Delivered;
  /** Nobody listens any more. */
  leave(): Promise<void>;
  back(): Promise<void>;
}

/** `samples`: of each batch. */
export async function startSink(samples: number): Promise<Sink> {
  const agents = new Map<string, Delivered>();
  function delivered(agent: string): Delivered {
    const known = agents.get(agent) ?? { batches: new Map(), gaps: new Map(), wrong: [] };
    agents.set(agent, known);
    return known;
  }

  const server = createServer((request, response) => {
    const agent = request.url?.split('/')[1] ?? '';
    // Agents ask for the time before they send anything.
    if (request.method === 'GET') return answer(response, 200, infoOf(agent));
    buffer(request).then(
      (gz) => take(delivered(agent), gz, samples, response),
      () => response.destroy(),
    );
  });
  let port = 0;
  const back = async (): Promise<void> => {
    server.listen({ host: '127.0.0.1', port });
    await once(server, 'listening');
    port = (server.address() as AddressInfo).port;
  };
  const leave = async (): Promise<void> => {
    const closed = once(server, 'close');
    server.close();
    server.closeAllConnections();
    await closed;
  };
  await back();
  return {
    urlOf: (agent) => `http://127.0.0.1:${port}/${agent}`,
    delivered,
    leave,
    back,
    async [Symbol.asyncDispose]() {
      if (server.listening) await leave();
    },
  };
}

function take(agent: Delivered, gz: Buffer, samples: number, response: ServerResponse): void {
  let json: Buffer;
  let body: SyncRequest;
  try {
    json = gunzipSync(gz);
    body = JSON.parse(json.toString()) as SyncRequest;
    const second = secondOf(gz, samples);
    agent.batches.set(second, (agent.batches.get(second) ?? 0) + 1);
  } catch (error) {
    agent.wrong.push(String(error));
    const { status } = REFUSALS.invalid_json;
    const problem = { type: 'about:blank', title: 'Bad', detail: 'Not a batch', status };
    answer(response, status, { ...problem, code: 'invalid_json' } satisfies Problem);
    return;
  }
  const gaps = gapsIn(body.agent?.gaps ?? []);
  for (const gap of gaps) agent.gaps.set(gap.id, gap);
  answer(response, 200, {
    miners_added: 0,
    miners_updated: 0,
    stats_added: samples,
    errors: [],
    batch: {
      queue: body.batch?.queue ?? '',
      seq: body.batch?.seq ?? 0,
      sha256: createHash('sha256').update(json).digest('hex'),
    },
    duplicate: false,
    quarantined: [],
    gaps_taken: gaps.map(({ id }) => id),
    server_time: new Date().toISOString(),
    next: { live_ms: 0, backlog_ms: 0, max_bytes: 8 * 1024 ** 2 },
  } satisfies SyncAnswer);
}

function infoOf(name: string): z.output<typeof infoAnswer> {
  const last_seen = new Date().toISOString();
  return { id: 1, name, site_id: null, description: null, last_seen, is_active: true };
}

function answer(response: ServerResponse, status: number, body: object): void {
  const text = JSON.stringify(body);
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
  });
  response.end(text);
}

import { gzipSync } from 'node:zlib';
import type { SyncRequest } from '../../contract/sync.ts';
import type { TestServer } from './server.ts';

/** An answer of `POST /api/agent/sync`, whatever its status. */
export interface SyncReply {
  status: number;
  retryAfter: string | null;
  body: {
    detail: string;
    code: string;
    miners_added: number;
    miners_updated: number;
    stats_added: number;
    errors: string[];
    duplicate: boolean;
    batch: { queue: string; seq: number; sha256: string };
    quarantined: { index: number; code: string; detail: string }[];
    gaps_taken: string[];
    next: { live_ms: number; backlog_ms: number; max_bytes: number };
  };
}

/** Sends a body as an agent does: an object, or the very text or bytes. */
export async function sync(
  server: Pick<TestServer, 'url'>,
  apiKey: string,
  body: SyncRequest | string | Buffer,
  headers: Record<string, string> = {},
): Promise<SyncReply> {
  const bytes = Buffer.isBuffer(body) || typeof body === 'string' ? body : JSON.stringify(body);
  const response = await fetch(`${server.url}/api/agent/sync`, {
    method: 'POST',
    headers: { 'X-API-Key': apiKey, 'content-type': 'application/json', ...headers },
    body: typeof bytes === 'string' ? bytes : new Uint8Array(bytes),
  });
  const text = await response.text();
  return {
    status: response.status,
    retryAfter: response.headers.get('retry-after'),
    body: JSON.parse(text) as SyncReply['body'],
  };
}

/** As `sync`, compressed. */
export function syncGzip(
  server: Pick<TestServer, 'url'>,
  apiKey: string,
  body: SyncRequest | string,
): Promise<SyncReply> {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return sync(server, apiKey, gzipSync(text), { 'content-encoding': 'gzip' });
}

/** The rows InfluxDB has of a measurement (and scope), by tag and time: "<miner> <epoch s>" → fields. */
export async function pointsIn(
  server: TestServer,
  measurement = 'miner',
  scope?: string,
): Promise<Map<string, Record<string, unknown>>> {
  const { influx, config } = server.deps;
  const series = await influx.query(
    config.influx.database,
    `SELECT * FROM ${measurement} ${scope ? `WHERE site = '${scope}'` : ''} GROUP BY miner${measurement === 'board' ? ', board' : ''}`,
  );
  const points = new Map<string, Record<string, unknown>>();
  for (const { tags, columns, values } of series) {
    for (const row of values) {
      const fields = Object.fromEntries(
        columns.map((column, i) => [column, row[i]] as const).filter(([, value]) => value !== null),
      );
      const board = tags['board'] === undefined ? '' : `/${tags['board']}`;
      points.set(`${tags['miner']}${board} ${String(fields['time'])}`, fields);
    }
  }
  return points;
}

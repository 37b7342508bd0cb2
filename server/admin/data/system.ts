import { useQuery } from '@tanstack/react-query';
import { api } from '../api.ts';
import { POLL_MS } from './client.ts';

type Check = { ok: true } | { ok: false; reason: string };

/** `GET /api/system`. */
export interface System {
  at: string;
  version: string;
  node: string;
  started_at: string;
  memory_bytes: number;
  health: Record<'postgres' | 'migrations' | 'influxdb', Check>;
  postgres: {
    version: string;
    migration: string | null;
    migrated_at: string | null;
    pending: string[];
    tables: { name: string; rows: number; bytes: number }[];
  };
  influxdb: {
    version: string | null;
    databases: { name: string; retention_days: number | null }[];
    points: { measurement: string; last_hour: number | null }[];
  };
  ingest: {
    batches: number;
    samples: number;
    agents: number;
    backlog_batches: number;
    quarantine: number;
    pending_syncs: number;
    last_batch_at: string | null;
  };
  rollups: { waiting: number; oldest_at: string | null };
  storage: {
    what: string;
    bytes: number;
    per_day: number | null;
    in_30_days: number | null;
    in_365_days: number | null;
    history: { day: string; bytes: number }[];
  }[];
  retention: { samples_days: number; receipts_days: number };
}

export function useSystem() {
  return useQuery({
    queryKey: ['system'],
    queryFn: ({ signal }) => api.get<System>('/api/system', signal),
    refetchInterval: 3 * POLL_MS,
  });
}

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { RegisterAnswer } from '#contract/agent.ts';
import type { ScanReport } from '#contract/sync.ts';
import { api } from '../api.ts';
import { POLL_MS } from './client.ts';
import type { ProblemView } from './problems.ts';
import { useMay } from './session.ts';

/** One of `GET /api/agents`, as far as this page uses it. Times are ISO 8601; null: the agent does not say. */
export interface Agent {
  id: number;
  name: string;
  description: string | null;
  site_id: number | null;
  site_name: string | null;
  is_active: boolean;
  created_at: string;
  last_seen: string | null;
  /** Not heard of for too long, by the server's measure, or never. */
  silent: boolean;
  miner_count: number;
  /** What the agent says of itself; null for agents that say nothing. */
  report: { version?: string } | null;
  ingest: AgentIngest;
}

/** How an agent's samples come in, and what of them did not arrive. */
interface AgentIngest {
  backlog: { batches: number; bytes: number; oldest: string | null } | null;
  queue: {
    state: 'disk' | 'memory';
    in_memory: number;
    dead: number;
    damaged: number;
    last_error: string | null;
  } | null;
  /** Its clock minus the server's. */
  clock_error_ms: number | null;
  cycle: {
    at: string;
    duration_ms: number;
    miners: number;
    reachable: number;
    interval_s?: number;
  } | null;
  gaps: { count: number; batches: number; samples: number; last_at: string | null };
  quarantine: { held: number; bytes: number; set_aside: number; not_kept: number };
  refusals: { code: string; count: number; last_at: string; last_detail: string }[];
  pending: { syncs: number; samples: number; bytes: number; oldest: string | null };
  scan: { identified: number; unknown: number; silent: number; refused: number } | null;
}

export type AgentState = 'online' | 'silent' | 'waiting' | 'off';

export function agentState(agent: Agent): AgentState {
  if (!agent.is_active) return 'off';
  if (agent.last_seen === null) return 'waiting';
  return agent.silent ? 'silent' : 'online';
}

const AGENTS_KEY = ['agents'] as const;

/** All agents. A client of containers may not see them: then nothing is asked and `data` stays undefined. */
export function useAgents() {
  const may = useMay();
  return useQuery({
    enabled: may('GET /api/agents'),
    queryKey: AGENTS_KEY,
    queryFn: ({ signal }) => api.get<Agent[]>('/api/agents', signal),
    refetchInterval: POLL_MS,
  });
}

/** One agent; for as long as it is awaited, often. */
export function useAgent(id: number, everyMs = POLL_MS) {
  return useQuery({
    queryKey: [...AGENTS_KEY, id],
    queryFn: ({ signal }) => api.get<Agent>(`/api/agents/${id}`, signal),
    refetchInterval: everyMs,
  });
}

/** `GET /api/fleet/agents/{id}`: one agent with everything around it. */
export interface AgentDetail {
  agent: Agent;
  keys: {
    id: number;
    /** What follows "hy_". */
    key_id: string;
    created_at: string;
    created_by: string | null;
    revoked_at: string | null;
    last_used_at: string | null;
  }[];
  /** How fast the backlog goes; null: the agent does not speak of one. */
  drain: { per_minute: number | null; eta_s: number | null } | null;
  gaps: { gap_id: string; from: string; to: string; samples: number; reason: string }[];
  scan: ScanReport | null;
  problems: ProblemView[];
  /** The last 24 h; null: InfluxDB does not answer. */
  sparklines: { backlog_batches: (number | null)[]; cycle_ms: (number | null)[] } | null;
}

export function useAgentDetail(id: number) {
  return useQuery({
    queryKey: [...AGENTS_KEY, id, 'detail'],
    queryFn: ({ signal }) => api.get<AgentDetail>(`/api/fleet/agents/${id}`, signal),
    refetchInterval: POLL_MS,
  });
}

function useAgentDeed<Variables, Answer>(deed: (variables: Variables) => Promise<Answer>) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: deed,
    // An answer may carry a key: it must not outlive the page that shows it.
    gcTime: 0,
    onSuccess: () =>
      Promise.all([
        client.invalidateQueries({ queryKey: AGENTS_KEY }),
        client.invalidateQueries({ queryKey: ['fleet'] }),
      ]),
  });
}

export const useAddKey = (id: number) =>
  useAgentDeed(() => api.post<{ id: number; api_key: string }>(`/api/agents/${id}/keys`));
export const useRevokeKey = (id: number, keyId: number) =>
  useAgentDeed(() => api.delete(`/api/agents/${id}/keys/${keyId}`));
export const useRetireAgent = (id: number) =>
  useAgentDeed(() => api.post(`/api/agents/${id}/retire`));
export const useRestoreAgent = (id: number) =>
  useAgentDeed(() => api.post(`/api/agents/${id}/restore`));
export const useChangeAgent = (id: number) =>
  useAgentDeed((change: { name: string; description: string | null; site_id: number | null }) =>
    api.patch<{ miners_moved: number; miners_left: number }>(`/api/agents/${id}`, change),
  );

/** What this server hands out to the machines at the sites. */
interface Installation {
  /** How agents reach the server; null: as this page does. */
  server_url: string | null;
  /** null: it was not built. */
  agent: { version: string; bytes: number; sha256: string } | null;
}

export function useInstallation() {
  return useQuery({
    queryKey: ['install'],
    queryFn: ({ signal }) => api.get<Installation>('/api/install', signal),
    staleTime: Number.POSITIVE_INFINITY,
  });
}

export function useRegisterAgent() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (agent: { name: string; description: string | null; site_id: number | null }) =>
      api.post<RegisterAnswer>('/api/agent/register', agent),
    // The answer carries the key: it must not outlive the page that shows it.
    gcTime: 0,
    onSuccess: () => client.invalidateQueries({ queryKey: AGENTS_KEY }),
  });
}

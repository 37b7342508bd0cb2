import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { RegisterAnswer } from '#contract/agent.ts';
import { api } from '../api.ts';
import { POLL_MS } from './client.ts';
import { useSession } from './session.ts';

/** One of `GET /api/agents`, as far as this page uses it. Times are ISO 8601. */
export interface Agent {
  id: number;
  name: string;
  description: string | null;
  site_id: number | null;
  site_name: string | null;
  is_active: boolean;
  last_seen: string | null;
  /** Not heard of for too long, by the server's measure, or never. */
  silent: boolean;
  miner_count: number;
  /** What the agent says of itself; null for agents that say nothing. */
  report: {
    version?: string;
    backlog?: { batches: number; bytes: number; oldest: string | null };
  } | null;
}

export type AgentState = 'online' | 'silent' | 'waiting' | 'off';

export function agentState(agent: Agent): AgentState {
  if (!agent.is_active) return 'off';
  if (agent.last_seen === null) return 'waiting';
  return agent.silent ? 'silent' : 'online';
}

const AGENTS_KEY = ['agents'] as const;

/** All agents. A client of containers may not see them: then nothing is asked and `data` stays undefined. */
export function useAgents(options: { everyMs?: number } = {}) {
  const role = useSession().data?.role;
  return useQuery({
    enabled: role !== undefined && role !== 'client',
    queryKey: AGENTS_KEY,
    queryFn: ({ signal }) => api.get<Agent[]>('/api/agents', signal),
    refetchInterval: options.everyMs ?? POLL_MS,
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

import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { api } from '../api.ts';
import { POLL_MS } from './client.ts';
import type { Named } from './fleet.ts';

export const CAUSES = [
  'agent_silent',
  'miner_offline',
  'miner_unreported',
  'not_hashing',
  'hashrate_low',
  'chip_hot',
  'fan_stopped',
  'board_missing',
  'rejected_high',
  'backlog',
  'gaps',
  'quarantine',
  'clock_wrong',
  'unknown_devices',
  'rollups_late',
  'database_away',
] as const;
export type Cause = (typeof CAUSES)[number];

/** Something that is wrong now. */
export interface ProblemView {
  id: string | number;
  cause: Cause;
  severity: 'critical' | 'warning';
  since: string;
  miner: Named | null;
  agent: Named | null;
  site: Named | null;
  detail: Record<string, unknown>;
  acknowledged: { at: string; by: string; note: string | null } | null;
}

/** How much of one kind is wrong. */
export interface CauseCount {
  cause: Cause;
  severity: 'critical' | 'warning';
  open: number;
  unacknowledged: number;
}

export interface Problems {
  /** null: nobody has looked yet. */
  checked_at: string | null;
  total: number;
  by_cause: CauseCount[];
  problems: ProblemView[];
}

const PROBLEMS_KEY = ['problems'] as const;

/** `query`: filters as in an address. */
export function useProblems(query: string) {
  return useQuery({
    queryKey: [...PROBLEMS_KEY, query],
    queryFn: ({ signal }) => api.get<Problems>(`/api/problems?${query}`, signal),
    refetchInterval: POLL_MS,
    placeholderData: keepPreviousData,
  });
}

/** `note` null: takes the acknowledgement back. */
export function useAcknowledge() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ ids, note }: { ids: ProblemView['id'][]; note: string | null }) =>
      note === null
        ? api.post('/api/problems/unacknowledge', { ids })
        : api.post('/api/problems/acknowledge', { ids, note }),
    onSuccess: () =>
      Promise.all([
        client.invalidateQueries({ queryKey: PROBLEMS_KEY }),
        client.invalidateQueries({ queryKey: ['fleet'] }),
      ]),
  });
}

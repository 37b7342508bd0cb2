import { useQuery } from '@tanstack/react-query';
import type { ScanReport } from '#contract/sync.ts';
import { api, ApiError } from '../api.ts';

/** The last scan of an agent; null: it has not reported one. */
export function useScan(agentId: number, reported: boolean) {
  return useQuery({
    enabled: reported,
    queryKey: ['scan', agentId],
    queryFn: async ({ signal }): Promise<ScanReport | null> => {
      try {
        return await api.get<ScanReport>(`/api/agents/${agentId}/scan`, signal);
      } catch (error) {
        if (error instanceof ApiError && error.status === 404) return null;
        throw error;
      }
    },
    refetchInterval: 60_000,
  });
}

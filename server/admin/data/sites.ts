import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { api } from '../api.ts';
import { POLL_MS } from './client.ts';

/** One of `GET /api/sites`, as far as this page uses it. */
export interface Site {
  id: number;
  name: string;
  location: string | null;
}

const SITES_KEY = ['sites'] as const;

export function useSites() {
  return useQuery({
    queryKey: SITES_KEY,
    queryFn: ({ signal }) => api.get<Site[]>('/api/sites', signal),
    refetchInterval: POLL_MS,
  });
}

export function useCreateSite() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (site: { name: string; location: string | null }) =>
      api.post<Site>('/api/sites', site),
    onSuccess: () => client.invalidateQueries({ queryKey: SITES_KEY }),
  });
}

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { api } from '../api.ts';
import { POLL_MS } from './client.ts';

/** One of `GET /api/sites`, as far as forms use it. */
export interface Site {
  id: number;
  name: string;
  /** IANA name: "Asia/Irkutsk". */
  time_zone: string | null;
}

const SITES_KEY = ['sites'] as const;
const CONTAINERS_KEY = ['containers'] as const;

export function useSites() {
  return useQuery({
    queryKey: SITES_KEY,
    queryFn: ({ signal }) => api.get<Site[]>('/api/sites', signal),
    refetchInterval: POLL_MS,
  });
}

/** The zone of a site; null: none is known. */
export function useSiteZone(id: number | null): string | null {
  return useSites().data?.find((site) => site.id === id)?.time_zone ?? null;
}

interface Container {
  id: number;
  name: string;
  site_id: number | null;
  site_name: string | null;
}

export function useContainers() {
  return useQuery({
    queryKey: CONTAINERS_KEY,
    queryFn: ({ signal }) => api.get<Container[]>('/api/containers', signal),
  });
}

/** What people say of a site. Power W; tariff in `currency` (ISO 4217). */
export interface SiteFields {
  name: string;
  description?: string | null;
  location: string | null;
  time_zone?: string | null;
  tariff_per_kwh?: number | null;
  currency?: string | null;
  capacity_w?: number | null;
  places?: number | null;
}
export interface ContainerFields {
  name: string;
  description?: string | null;
  location: string | null;
  capacity_w?: number | null;
  places?: number | null;
}

function useInventoryChange<Variables, Answer>(change: (variables: Variables) => Promise<Answer>) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: change,
    onSuccess: () =>
      Promise.all(
        [SITES_KEY, CONTAINERS_KEY, ['fleet']].map((queryKey) =>
          client.invalidateQueries({ queryKey }),
        ),
      ),
  });
}

/** `id` null: a new one. */
export const useSaveSite = (id: number | null) =>
  useInventoryChange((fields: SiteFields) =>
    id === null
      ? api.post<Site>('/api/sites', fields)
      : api.patch<Site>(`/api/sites/${id}`, fields),
  );
export const useDeleteSite = (id: number) =>
  useInventoryChange(() => api.delete(`/api/sites/${id}`));

/** `id` null: a new one, at that site. */
export const useSaveContainer = (id: number | null, siteId: number | null) =>
  useInventoryChange((fields: ContainerFields) =>
    id === null
      ? api.post('/api/containers', { ...fields, site_id: siteId })
      : api.patch(`/api/containers/${id}`, fields),
  );
export const useDeleteContainer = (id: number) =>
  useInventoryChange(() => api.delete(`/api/containers/${id}`));

import {
  keepPreviousData,
  useMutation,
  useQueries,
  useQuery,
  useQueryClient,
} from '@tanstack/react-query';
import { api } from '../api.ts';
import { POLL_MS } from './client.ts';
import type { MinerState } from './fleet.ts';

/**
 * One of `GET /api/fleet/miners`: a miner and its newest sample. Hashrates TH/s, temperatures °C, fan rpm, power W,
 * times ISO 8601; `null` = not reported. Names come from miners: text, never markup.
 */
export interface Miner {
  id: number;
  name: string;
  ip_address: string;
  port: number;
  mac: string | null;
  serial: string | null;
  hostname: string | null;
  manufacturer: string | null;
  model: string | null;
  firmware: string | null;
  firmware_version: string | null;
  algorithm: string | null;
  site_id: number | null;
  site_name: string | null;
  container_id: number | null;
  container_name: string | null;
  agent_id: number | null;
  agent_name: string | null;
  worker: string | null;
  tags: string[];
  state: MinerState;
  reason: string | null;
  at: string | null;
  answered_at: string | null;
  retired_at: string | null;
  hash_rate: number | null;
  expected_hash_rate: number | null;
  percent_of_expected: number | null;
  power_consumption: number | null;
  efficiency_j_th: number | null;
  temperature: number | null;
  temp_chip: number | null;
  fan_speed: number | null;
  accepted_shares: number | null;
  rejected_shares: number | null;
  rejected_percent: number | null;
  uptime_s: number | null;
}

interface MinerPage {
  total: number;
  miners: Miner[];
}

/** Rows asked for at once: two screens. */
const PAGE_ROWS = 100;
export const MINERS_KEY = ['fleet', 'miners'] as const;

/**
 * The rows `start` … `end - 1` of the list that `query` (filters, sort and order, as in an address) means. Only the pages that are seen are
 * asked for, and asked for again. `total` and rows of before stay until the new ones are there.
 */
export function useMinerRows(query: string, start: number, end: number) {
  const first = Math.floor(start / PAGE_ROWS);
  const last = Math.max(first, Math.floor((end - 1) / PAGE_ROWS));
  const pages = Array.from({ length: last - first + 1 }, (_, index) => first + index);
  const results = useQueries({
    queries: pages.map((page) => ({
      queryKey: [...MINERS_KEY, query, page],
      queryFn: ({ signal }: { signal: AbortSignal }) => {
        const where = `offset=${page * PAGE_ROWS}&limit=${PAGE_ROWS}`;
        return api.get<MinerPage>(`/api/fleet/miners?${query ? `${query}&` : ''}${where}`, signal);
      },
      refetchInterval: POLL_MS,
      gcTime: 60_000,
    })),
  });
  const known = results.find(({ data }) => data !== undefined);
  return {
    /** null: not known yet. */
    total: known?.data?.total ?? null,
    rowAt: (index: number): Miner | undefined =>
      results[Math.floor(index / PAGE_ROWS) - first]?.data?.miners[index % PAGE_ROWS],
    failed: results.find(({ isError }) => isError),
  };
}

export interface Facet {
  value: string | number;
  name: string | null;
  count: number;
}
export type Facets = Record<
  'states' | 'sites' | 'containers' | 'agents' | 'models' | 'firmwares' | 'tags',
  Facet[]
>;

/** What the filters could narrow the list down to. */
export function useFacets(query: string) {
  return useQuery({
    queryKey: [...MINERS_KEY, 'facets', query],
    queryFn: ({ signal }) => api.get<Facets>(`/api/fleet/miners/facets?${query}`, signal),
    refetchInterval: 3 * POLL_MS,
    placeholderData: keepPreviousData,
  });
}

/** What can be set of many miners at once. */
export interface BulkSet {
  add_tags?: string[];
  remove_tags?: string[];
  container_id?: number | null;
  expected_hash_rate?: number | null;
}
/** Which: those of these ids, or all that a filter means, of which there were `total` when they were seen. */
export type BulkTarget = { ids: number[] } | { filter: Record<string, unknown>; total: number };

export function useBulkChange() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (change: BulkTarget & { set: BulkSet }) =>
      api.post<{ changed: number }>('/api/fleet/miners/change', change),
    onSuccess: () => client.invalidateQueries({ queryKey: MINERS_KEY }),
  });
}

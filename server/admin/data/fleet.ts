import { useQuery } from '@tanstack/react-query';
import { api } from '../api.ts';
import { POLL_MS } from './client.ts';
import type { CauseCount, ProblemView } from './problems.ts';

/** From worst to best: the order in which states are listed. */
export const MINER_STATES = ['offline', 'degraded', 'idle', 'unknown', 'hashing'] as const;
export type MinerState = (typeof MINER_STATES)[number];

/** Sums of a group of miners: TH/s, W, J/TH; null: nobody reports it. What is stale or offline adds nothing. */
export interface Totals {
  miners: number;
  states: Record<MinerState, number>;
  hash_rate: number | null;
  expected_hash_rate: number | null;
  power_consumption: number | null;
  efficiency_j_th: number | null;
}

export interface Named {
  id: number;
  name: string;
}

export interface ContainerView {
  id: number;
  name: string;
  description: string | null;
  location: string | null;
  capacity_w: number | null;
  places: number | null;
  totals: Totals;
}

/** One of `GET /api/fleet/sites`; `id` null: what belongs to no site. */
export interface SiteView {
  id: number | null;
  name: string | null;
  description: string | null;
  location: string | null;
  /** IANA name: "Asia/Irkutsk". */
  time_zone: string | null;
  tariff_per_kwh: number | null;
  /** ISO 4217. */
  currency: string | null;
  capacity_w: number | null;
  places: number | null;
  agents: number;
  silent_agents: number;
  totals: Totals;
  containers: ContainerView[];
}

const SITES_VIEW_KEY = ['fleet', 'sites'] as const;

export function useSiteViews() {
  return useQuery({
    queryKey: SITES_VIEW_KEY,
    queryFn: ({ signal }) => api.get<SiteView[]>('/api/fleet/sites', signal),
    refetchInterval: POLL_MS,
  });
}

/** `GET /api/fleet`: everything the overview shows. */
export interface Fleet {
  totals: Totals;
  /** Hashrates of different algorithms do not add up. */
  algorithms: { algorithm: string | null; totals: Totals }[];
  sites: Pick<SiteView, 'id' | 'name' | 'agents' | 'silent_agents' | 'totals'>[];
  agents: { total: number; silent: number };
  silent_agents: (Named & { last_seen: string | null; site_name?: string | null })[];
  problems: {
    open: number;
    unacknowledged: number;
    by_cause: CauseCount[];
    newest: ProblemView[];
  };
}

export function useFleet() {
  return useQuery({
    queryKey: ['fleet', 'overview'] as const,
    queryFn: ({ signal }) => api.get<Fleet>('/api/fleet', signal),
    refetchInterval: POLL_MS,
  });
}

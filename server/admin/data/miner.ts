import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { api } from '../api.ts';
import { POLL_MS } from './client.ts';
import { MINERS_KEY, type Miner } from './miners.ts';
import type { ProblemView } from './problems.ts';

type Measure = number | null;

/** One hashboard as agents send it (contract/miner.ts). What is absent was not reported. */
export interface Board {
  slot: number;
  hash_rate?: Measure;
  expected_hash_rate?: Measure;
  temp_chip?: Measure;
  temp_board?: Measure;
  chips?: Measure;
  chips_good?: Measure;
  chips_expected?: Measure;
  frequency_mhz?: Measure;
  voltage_v?: Measure;
  hw_errors?: Measure;
  serial?: string | null;
}
export interface Pool {
  url?: string | null;
  user?: string | null;
  priority?: Measure;
  alive?: boolean | null;
  active?: boolean | null;
  accepted?: Measure;
  rejected?: Measure;
  stale?: Measure;
  is_dev_fee?: boolean | null;
}

/** The last 24 h; one value a step, null where nothing was reported. */
export interface Sparklines {
  from: string;
  step_s: number;
  hash_rate: Measure[];
  power_consumption: Measure[];
  temperature: Measure[];
  temp_chip: Measure[];
  fan_speed: Measure[];
}

/** `GET /api/fleet/miners/{id}`. */
export interface MinerDetail extends Miner {
  /** Tag "site" of its series. */
  scope: string;
  model_raw: string | null;
  family: string | null;
  control_board: string | null;
  note: string | null;
  created_at: string;
  expected_by_hand: Measure;
  expected_reported: Measure;
  keys: { scope: string; key: string; since: string }[];
  addresses: { ip_address: string; port: number; since: string; until: string | null }[];
  /** Others that may be the same machine. */
  twins: { id: number; name: string; ip_address: string; same: 'address' | 'serial' }[];
  boards: Board[];
  fans: Measure[];
  pools: Pool[];
  errors: { code: string; text?: string | null; severity?: string | null }[];
  problems: ProblemView[];
  /** null: InfluxDB does not answer. */
  sparklines: Sparklines | null;
}

const keyOf = (id: number) => [...MINERS_KEY, 'one', id] as const;

export function useMiner(id: number) {
  return useQuery({
    queryKey: keyOf(id),
    queryFn: ({ signal }) => api.get<MinerDetail>(`/api/fleet/miners/${id}`, signal),
    refetchInterval: POLL_MS,
  });
}

/** What people set; TH/s. */
export interface MinerChange {
  name: string;
  tags: string[];
  container_id: number | null;
  note: string | null;
  expected_hash_rate?: number | null;
}

export function useChangeMiner(id: number) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (change: MinerChange) => api.patch<MinerDetail>(`/api/fleet/miners/${id}`, change),
    onSuccess: (miner) => {
      client.setQueryData(keyOf(id), miner);
    },
  });
}

function useMinerDeed(id: number, path: string, body?: object) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => api.post(`/api/fleet/miners/${id}/${path}`, body),
    onSuccess: () => client.invalidateQueries({ queryKey: MINERS_KEY }),
  });
}
export const useRetireMiner = (id: number) => useMinerDeed(id, 'retire');
export const useRestoreMiner = (id: number) => useMinerDeed(id, 'restore');
/** `from` becomes part of `id`. */
export const useMergeMiner = (id: number, from: number) => useMinerDeed(id, 'merge', { from });

import { useQuery } from '@tanstack/react-query';
import { api } from '../api.ts';
import { POLL_MS } from './client.ts';

/** From worst to best: the order in which states are listed and sorted. */
export const MINER_STATES = ['offline', 'degraded', 'idle', 'unknown', 'hashing'] as const;
export type MinerState = (typeof MINER_STATES)[number];

/**
 * One of `GET /api/miners/latest`: a miner and its newest sample. Hashrates TH/s, temperatures °C,
 * fan rpm, power W, times ISO 8601; `null` = not reported. Names come from miners: text, never markup.
 */
export interface Miner {
  id: number;
  name: string;
  ip_address: string;
  port: number;
  manufacturer: string | null;
  model: string | null;
  firmware: string | null;
  firmware_version: string | null;
  mac: string | null;
  serial: string | null;
  site_id: number | null;
  site_name: string | null;
  agent_id: number | null;
  state: MinerState;
  reason: string | null;
  answered_at: string | null;
  hash_rate: number | null;
  expected_hash_rate: number | null;
  temperature: number | null;
  fan_speed: number | null;
  power_consumption: number | null;
}

export function useMiners() {
  return useQuery({
    queryKey: ['miners'] as const,
    queryFn: ({ signal }) => api.get<Miner[]>('/api/miners/latest', signal),
    refetchInterval: POLL_MS,
  });
}

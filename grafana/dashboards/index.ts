import type { DashboardBuilder } from '@grafana/grafana-foundation-sdk/dashboard';
import { fleet } from './fleet/fleet.ts';
import { miner } from './miner/miner.ts';

/** File name without ".json" → dashboard. */
export const DASHBOARDS: Record<string, () => DashboardBuilder> = { fleet, miner };

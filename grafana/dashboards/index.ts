import type { DashboardBuilder } from '@grafana/grafana-foundation-sdk/dashboard';
import { fleet } from './fleet.ts';
import { miner } from './miner.ts';

/** File name without ".json" → dashboard. */
export const DASHBOARDS: Record<string, () => DashboardBuilder> = { fleet, miner };

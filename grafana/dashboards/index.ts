import type { DashboardBuilder } from '@grafana/grafana-foundation-sdk/dashboard';
import type { Json } from '../parts/finish.ts';
import { fleet } from './fleet/fleet.ts';
import { hardware } from './hardware/hardware.ts';
import { heat } from './heat/heat.ts';
import { annotations } from './miner/identity.ts';
import { miner } from './miner/miner.ts';
import { models } from './models/models.ts';
import { pipeline } from './pipeline/pipeline.ts';
import { pools } from './pools/pools.ts';
import { site } from './site/site.ts';

/** File name without ".json" → dashboard. */
export const DASHBOARDS: Record<string, () => DashboardBuilder> = {
  fleet,
  site,
  miner,
  heat,
  hardware,
  pools,
  models,
  pipeline,
};

/** Marks on the charts of a dashboard. */
export const ANNOTATIONS: Record<string, readonly Json[]> = { miner: annotations };

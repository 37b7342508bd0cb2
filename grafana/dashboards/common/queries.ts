import { tagIsOneOf, type Select } from '../../parts/influxql.ts';
import { series, type Target } from '../../parts/targets.ts';
import { CHOSEN_CONTAINERS, CHOSEN_SITES } from '../../parts/variables.ts';

/** Whose rollup a dashboard shows: all sites together, or one of them. */
export type Whole = 'fleet' | 'site';

/** TH/s are of one algorithm; miners and watts may be of all. */
export const OF_ALGORITHM = [tagIsOneOf('algo', 'algo')];

export function conditions(whole: Whole): string[] {
  return whole === 'fleet' ? [] : [tagIsOneOf('site', 'site')];
}

/** Newest minute, in a panel that looks back no further than its `newest`. */
export function newest(whole: Whole, fields: Select['fields']): Target {
  return series({
    fields,
    from: `${whole}_agg`,
    where: [...conditions(whole), ...OF_ALGORITHM],
  });
}

/** SQL: which miners the dashboard's tables are about. */
export const WHOSE = {
  fleet: `${CHOSEN_SITES} AND is_active`,
  site: `${CHOSEN_SITES} AND ${CHOSEN_CONTAINERS} AND is_active`,
} as const;

/** Miners somebody can speak for now; the last word of a silent agent says nothing of this moment. */
export function now(whole: Whole): string {
  return `FROM grafana.miners WHERE ${WHOSE[whole]} AND state <> 'unknown'`;
}

import { aggregate, over, tagIsOneOf, type Select } from '../../parts/influxql.ts';
import { level, series } from '../../parts/targets.ts';
import { CHOSEN_SITES } from '../../parts/variables.ts';

export const OF_CHOSEN_SITES = [tagIsOneOf('site', 'site')];

/**
 * One value per miner and interval: what a site or the fleet has is the sum over these. Only where there are
 * samples: InfluxDB 1.x sums wrongly over a subquery that fills its gaps.
 */
export function perMiner(fields: Select['fields'], where: Select['where'] = []): Select {
  return {
    fields,
    from: 'miner',
    where: [...OF_CHOSEN_SITES, ...where],
    perInterval: true,
    tags: ['site', 'miner'],
    fill: 'none',
  };
}

/** Joins the values of all miners, interval by interval. */
export function together(
  fields: Select['fields'],
  from: Select['from'],
  where: Select['where'] = [],
): Select {
  return { fields, from, where, perInterval: true, fill: 'null' };
}

/** Hashrate over time, and as a level line what all miners of the inventory should do by their last word. */
export const HASHRATE_AND_EXPECTED = [
  series(
    together(
      { Hashrate: over('sum', 'hashrate') },
      perMiner({ hashrate: aggregate('mean', 'hashrate_ths') }),
    ),
  ),
  level(
    `SELECT sum(expected_ths) AS "Expected" FROM grafana.miners WHERE ${CHOSEN_SITES} AND is_active`,
  ),
];

/** Miners somebody can speak for now; the last word of a silent agent says nothing of this moment. */
export const NOW = `FROM grafana.miners WHERE ${CHOSEN_SITES} AND is_active AND state <> 'unknown'`;

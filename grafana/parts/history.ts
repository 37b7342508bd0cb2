import { influxql, tagIsOneOf, type Select } from './influxql.ts';
import type { Tag } from './samples.ts';
import { asSeries, HISTORY, SAMPLES, type Target } from './targets.ts';

type Fields = Select['fields'];

/** What a line over time is made of, in both resolutions. */
export interface Past {
  /** Which rollup: of the fleet, of sites, or the samples of one miner. */
  of: 'fleet' | 'site' | 'miner';
  /** Column → expression over the minutes (of a miner: its samples). */
  fields: Fields;
  /** Over the hours, where the expressions differ. */
  hours?: Fields;
  where: readonly string[];
  tags?: readonly Tag[];
  alias?: string;
  fill?: 'none' | 'null';
}

const MEASUREMENT = {
  fleet: { minutes: 'fleet_agg', hours: 'fleet_1h', gate: 'algo' },
  site: { minutes: 'site_agg', hours: 'site_1h', gate: 'site' },
  miner: { minutes: 'miner', hours: 'miner_1h', gate: 'site' },
} as const;

/**
 * Two queries of which one is silent: minutes while the range is short, hours when it is long or reaches back further
 * than minutes are kept. The hidden variables `minutes` and `hours` are regular expressions for a tag: all of its values, or
 * none. A query for no value of a tag costs InfluxDB nothing, and each keeps its data source and its names.
 */
export function past({
  of,
  fields,
  hours = fields,
  where,
  tags = [],
  alias,
  fill = 'null',
}: Past): Target[] {
  const { minutes, hours: hourly, gate } = MEASUREMENT[of];
  return [
    asSeries(
      SAMPLES,
      influxql({
        fields,
        from: minutes,
        where: [tagIsOneOf(gate, 'minutes', 'raw'), ...where],
        per: 'interval',
        tags,
        fill,
      }),
      alias,
    ),
    asSeries(
      HISTORY,
      influxql({
        fields: hours,
        from: hourly,
        where: [tagIsOneOf(gate, 'hours', 'raw'), ...where],
        per: 'step',
        tags,
        fill,
      }),
      alias,
    ),
  ];
}

const sums = (columns: Fields): Fields =>
  Object.fromEntries(Object.keys(columns).map((name) => [name, `sum("${name}")`]));

/** As `past`, summed over the series of `by`, e.g. miners of all algorithms. */
export function pastSums({
  of,
  fields,
  hours = fields,
  where,
  alias,
  by,
  tags = [],
}: Past & { by: readonly Tag[] }): Target[] {
  const { minutes, hours: hourly, gate } = MEASUREMENT[of];
  const select = (from: 'minutes' | 'hours'): Select => {
    const per = from === 'minutes' ? ('interval' as const) : ('step' as const);
    const columns = from === 'minutes' ? fields : hours;
    return {
      fields: sums(columns),
      from: {
        fields: columns,
        from: from === 'minutes' ? minutes : hourly,
        where: [tagIsOneOf(gate, from, 'raw'), ...where],
        per,
        tags: [...tags, ...by],
        fill: 'none',
      },
      per,
      tags,
      fill: 'null',
    };
  };
  return [
    asSeries(SAMPLES, influxql(select('minutes')), alias),
    asSeries(HISTORY, influxql(select('hours')), alias),
  ];
}

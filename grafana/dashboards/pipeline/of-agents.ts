import { tagIsOneOf } from '../../parts/influxql.ts';
import { series, type Target } from '../../parts/targets.ts';

export const OF_SITES = [tagIsOneOf('site', 'site')];

/** What a chart says when the server has written no point of an agent in its range. */
export const NOTHING_NOTED = 'Nothing was noted of an agent in this range; it is kept for 30 days.';

/** Lines by name, each the sum over all agents of what the expression makes of one agent's interval. */
export function sumOfAgents(expressions: Record<string, string>): Target {
  const sums = Object.keys(expressions).map((name) => [name, `sum("${name}")`]);
  return series({
    fields: Object.fromEntries(sums),
    from: {
      fields: expressions,
      from: 'agent',
      where: OF_SITES,
      per: 'interval',
      tags: ['agent', 'site'],
      fill: 'none',
    },
    per: 'interval',
    fill: 'null',
  });
}

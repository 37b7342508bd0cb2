import { past } from '../../parts/history.ts';
import { aggregate, perMinute, tagIsOneOf, type Select } from '../../parts/influxql.ts';
import type { Field } from '../../parts/samples.ts';
import { series, type Target } from '../../parts/targets.ts';
import { CHOSEN_MINER } from '../../parts/variables.ts';

/** All series keys of the miner: its history before and after its MAC became known is one line. */
export const OF_THE_MINER = [
  tagIsOneOf('site', 'scopes', 'raw'),
  tagIsOneOf('miner', 'keys', 'raw'),
];

/** What is kept for 30 days only, whatever the range. */
export function overTime(
  fields: Select['fields'],
  from: 'miner' | 'board' = 'miner',
  tags: Select['tags'] = [],
): Select {
  return { fields, from, where: OF_THE_MINER, per: 'interval', tags, fill: 'null' };
}

/**
 * A line from samples or, over long ranges, from hours. A query for each line: a miner that does not report a field has no
 * line for it, where one query for several would give an empty line and its name in the legend.
 */
export function line(name: string, field: Field, hourly?: Field): Target[] {
  if (hourly === undefined) return [series(overTime({ [name]: aggregate('mean', field) }))];
  return past({
    of: 'miner',
    where: OF_THE_MINER,
    fields: { [name]: aggregate('mean', field) },
    hours: { [name]: aggregate('mean', hourly) },
  });
}

export function boardLines(field: Field): Target {
  return series(
    overTime({ value: aggregate('mean', field) }, 'board', ['board']),
    'Board $tag_board',
  );
}

/** No `fill(null)`: it would turn a pause between two samples of a counter into a rate of nothing. */
export function growth(name: string, field: Field): Target[] {
  return past({
    of: 'miner',
    where: OF_THE_MINER,
    fields: { [name]: perMinute(field) },
    hours: { [name]: `${aggregate('mean', field)} / 60` },
    fill: 'none',
  });
}

export const MINER = `FROM grafana.miners WHERE id ${CHOSEN_MINER}`;

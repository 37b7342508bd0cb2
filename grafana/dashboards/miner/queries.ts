import { aggregate, perMinute, tagIsOneOf, type Select } from '../../parts/influxql.ts';
import type { Field, Measurement } from '../../parts/samples.ts';
import { series, type Target } from '../../parts/targets.ts';
import { CHOSEN_MINER } from '../../parts/variables.ts';

/** All series keys of the miner: its history before and after its MAC became known is one line. */
export const OF_THE_MINER = [
  tagIsOneOf('site', 'scopes', 'raw'),
  tagIsOneOf('miner', 'keys', 'raw'),
];

export function overTime(
  fields: Select['fields'],
  from: Measurement = 'miner',
  tags: Select['tags'] = [],
): Select {
  return { fields, from, where: OF_THE_MINER, perInterval: true, tags, fill: 'null' };
}

/**
 * A query for each line: a miner that does not report a field has no line for it, where one query for
 * several would give an empty line and its name in the legend.
 */
export function line(name: string, field: Field): Target {
  return series(overTime({ [name]: aggregate('mean', field) }));
}

export function boardLines(field: Field): Target {
  return series(
    overTime({ value: aggregate('mean', field) }, 'board', ['board']),
    'Board $tag_board',
  );
}

/** No `fill(null)`: it would turn a pause between two samples of a counter into a rate of nothing. */
export function growth(name: string, field: Field): Target {
  return series({ ...overTime({ [name]: perMinute(field) }), fill: 'none' });
}

export const MINER = `FROM grafana.miners WHERE id ${CHOSEN_MINER}`;

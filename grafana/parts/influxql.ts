import type { Field, Measurement, Tag } from './samples.ts';

/**
 * InfluxQL that 1.x, 2.x and 3.x all understand: aggregates, subqueries, regular expressions on tags,
 * GROUP BY time and tag, fill. No retention policy, no INTO, one statement.
 */
export interface Select {
  /** Column name → expression, made by the functions below. */
  fields: Record<string, string>;
  from: Measurement | Select;
  /** Joined by AND, after the time filter, which every level needs: without it the level reads everything. */
  where?: readonly string[];
  /** A point per $__interval, or per step of the hourly rollups; otherwise one for the whole range. */
  per?: 'interval' | 'step';
  tags?: readonly Tag[];
  /**
   * none: no point where there is no sample · null: a gap. A subquery takes only "none": over filled
   * series InfluxDB 1.x gives sums in the wrong order and number.
   */
  fill?: 'none' | 'null';
}

type Aggregate = 'mean' | 'sum' | 'count' | 'min' | 'max' | 'first' | 'last';

/** `mean("hashrate_ths")`; the field is one of the schema. */
export function aggregate(name: Aggregate, field: Field): string {
  return `${name}("${field}")`;
}

/** As `aggregate`, over a column of the subquery below. */
export function over(name: Aggregate, column: string): string {
  return `${name}("${column}")`;
}

/** Growth per minute of a counter that restarts at 0 with its miner. */
export function perMinute(field: Field): string {
  return `non_negative_derivative(last("${field}"), 1m)`;
}

/** Growth of a counter over the interval; a counter that starts anew has not grown. */
export function growth(field: Field): string {
  return `non_negative_difference(last("${field}"))`;
}

/** Change from one sample to the next. */
export function change(field: Field): string {
  return `difference("${field}")`;
}

/**
 * The tag is one of the chosen values of a dashboard variable. The format is spelled out because the
 * plugins of Grafana 9 to 12 escape an unadorned variable in different ways.
 */
export function tagIsOneOf(tag: Tag, variable: string, format: 'regex' | 'raw' = 'regex'): string {
  const values = `$\{${variable}:${format}}`;
  return `"${tag}" =~ /^(${values})$/`;
}

const PER = { interval: 'time($__interval)', step: 'time(${step:raw})' } as const;

export function influxql(select: Select): string {
  const fields = Object.entries(select.fields)
    .map(([name, expression]) => `${expression} AS "${name}"`)
    .join(', ');
  const from = typeof select.from === 'string' ? `"${select.from}"` : `(${influxql(select.from)})`;
  const where = ['$timeFilter', ...(select.where ?? [])].join(' AND ');
  const by = [
    ...(select.per ? [PER[select.per]] : []),
    ...(select.tags ?? []).map((tag) => `"${tag}"`),
  ];
  return [
    `SELECT ${fields} FROM ${from} WHERE ${where}`,
    ...(by.length > 0 ? [`GROUP BY ${by.join(', ')}`] : []),
    ...(select.fill ? [`fill(${select.fill})`] : []),
  ].join(' ');
}

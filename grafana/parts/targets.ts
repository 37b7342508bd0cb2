import type { Builder, Dataquery } from '@grafana/grafana-foundation-sdk/cog';
import { influxql, type Select } from './influxql.ts';
import { ROLLUP, type Measurement } from './samples.ts';

export interface DataSource {
  type: string;
  uid: string;
}

/** As provisioned by provisioning/datasources/hashyard.yaml. */
export const SAMPLES: DataSource = { type: 'influxdb', uid: 'hashyard-influx' };
export const HISTORY: DataSource = { type: 'influxdb', uid: 'hashyard-influx-rollup' };
/** "postgres" is the plugin's id up to Grafana 10.2 and an alias of it since. */
export const STATE: DataSource = { type: 'postgres', uid: 'hashyard-postgres' };

/** The data source of a panel whose queries go to several. */
export const MIXED: DataSource = { type: 'datasource', uid: '-- Mixed --' };

/** A query of one panel. `refId`s are given by the order in the panel. */
export interface Target {
  datasource: DataSource;
  query: Record<string, unknown>;
}

/** A line for each series; `alias` may use $col and $tag_<tag>. */
export function series(select: Select, alias = '$col'): Target {
  const measurement = bottomOf(select);
  return asSeries(measurement in ROLLUP ? HISTORY : SAMPLES, influxql(select), alias);
}

export function asSeries(datasource: DataSource, query: string, alias = '$col'): Target {
  return { datasource, query: { query, rawQuery: true, resultFormat: 'time_series', alias } };
}

function bottomOf({ from }: Select): Measurement {
  return typeof from === 'string' ? from : bottomOf(from);
}

/** Rows from the views of the schema "grafana". */
export function rows(sql: string): Target {
  return {
    datasource: STATE,
    query: { rawSql: trimmed(sql), rawQuery: true, format: 'table', editorMode: 'code' },
  };
}

/** Lines from Postgres: a column `time`, and one for each line. */
export function sqlSeries(sql: string): Target {
  return {
    datasource: STATE,
    query: { rawSql: trimmed(sql), rawQuery: true, format: 'time_series', editorMode: 'code' },
  };
}

/** Indentation of the source is not part of the query. */
export function trimmed(sql: string): string {
  return sql
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .join('\n');
}

/** What the SDK's panels accept; it knows a query by the method, which JSON leaves out. */
export function toDataquery({ datasource, query }: Target, refId: string): Builder<Dataquery> {
  const built = { refId, datasource, ...query, _implementsDataqueryVariant: () => undefined };
  return { build: () => built };
}

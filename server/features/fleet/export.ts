import type { Sql } from 'postgres';
import type { Eyes } from '../people/visibility.ts';
import { answerOf, rowFields } from './answers.ts';
import { BOM, csvLine, type CsvDialect } from './csv.ts';
import type { FleetFilter } from './filter.ts';
import { findIds, readRows, type FleetPage } from './rows.ts';

export const FORMATS = ['csv', 'csv_semicolon', 'json'] as const;
export type ExportFormat = (typeof FORMATS)[number];

/** Rows read at once: the connection is free while a slow client takes its time. */
const CHUNK = 1_000;

/** `csv_semicolon` is what spreadsheets expect where numbers have a decimal comma. */
const DIALECTS: Record<Exclude<ExportFormat, 'json'>, CsvDialect> = {
  csv: { separator: ',', decimal: '.' },
  csv_semicolon: { separator: ';', decimal: ',' },
};

const COLUMNS = Object.keys(rowFields) as (keyof typeof rowFields)[];

/** The miners a list would show on all its pages, as pieces of a file. */
export async function* exportMiners(
  sql: Sql,
  eyes: Eyes,
  filter: FleetFilter,
  order: Pick<FleetPage, 'sort' | 'order'>,
  format: ExportFormat,
  now: Date,
): AsyncGenerator<string> {
  const { ids } = await findIds(sql, eyes, filter, { ...order, offset: 0, limit: null }, now);
  const dialect = format === 'json' ? null : DIALECTS[format];
  yield dialect ? BOM + csvLine(COLUMNS, dialect) : '[';
  let first = true;
  for (let from = 0; from < ids.length; from += CHUNK) {
    const rows = await readRows(sql, eyes, ids.slice(from, from + CHUNK), now);
    const texts = rows.map((row) => {
      const answer = answerOf(row);
      if (dialect)
        return csvLine(
          COLUMNS.map((column) => answer[column]),
          dialect,
        );
      const text = `${first ? '\n' : ',\n'}${JSON.stringify(answer)}`;
      first = false;
      return text;
    });
    yield texts.join('');
  }
  if (!dialect) yield '\n]\n';
}

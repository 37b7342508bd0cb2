import type { Series } from '../../server/influx/influx.ts';
import { buildDashboards } from '../build.ts';
import { expand, type Choice, type Chosen } from './expand.ts';
import {
  queriesOfPanel,
  sourceOf,
  type DashboardJson,
  type PanelJson,
  type PanelQuery,
  type Source,
} from './queries.ts';
import { intervalOf, RANGES, secondsOf, type Range } from './ranges.ts';

export const dashboards: Readonly<Record<string, DashboardJson>> = Object.fromEntries(
  [...buildDashboards()].map(([name, text]) => [name, JSON.parse(text) as DashboardJson]),
);

export function panelOf(name: string, id: number): PanelJson {
  const panel = dashboards[name]?.panels.find((one) => one.id === id);
  if (!panel) throw new Error(`${name} has no panel ${id}`);
  return panel;
}

/** Databases that hold a farm, as Grafana reads them. */
export interface Stored {
  /** The newest slot. */
  endS: number;
  influxql(source: Source, text: string): Promise<Series[]>;
  rows(text: string): Promise<Record<string, unknown>[]>;
}

/** A line as Grafana draws it: what it is called, and its points. */
export interface Line {
  name: string;
  points: [timeS: number, value: number | null][];
}

/** A dashboard with its variables chosen, as Grafana would show it. */
export interface Shown {
  from: Date;
  to: Date;
  variables: Record<string, Chosen>;
  /** The lines of a panel that have any value. */
  lines(panel: PanelJson): Promise<Line[]>;
  /** The rows of the panel's queries of Postgres. */
  table(panel: PanelJson): Promise<Record<string, unknown>[]>;
}

/** Fills the variables that are not chosen as Grafana does: from their queries, in order, the first value or All. */
export async function show(
  farm: Stored,
  name: string,
  range: Range,
  chosen: Record<string, Chosen> = {},
): Promise<Shown> {
  const dashboard = dashboards[name];
  if (!dashboard) throw new Error(`No dashboard ${name}`);
  const to = new Date((farm.endS + 59) * 1000);
  const from = new Date(to.getTime() - RANGES[range] * 1000);
  const variables: Record<string, Chosen> = {};
  const choice = (panel: { interval?: string; timeFrom?: string } = {}): Choice => {
    const rangeS = panel.timeFrom === undefined ? RANGES[range] : secondsOf(panel.timeFrom);
    return {
      from: new Date(to.getTime() - rangeS * 1000),
      to,
      intervalS: intervalOf(rangeS, panel.interval),
      variables,
    };
  };
  for (const variable of dashboard.templating.list) {
    const text = expand(variable.query, choice());
    const source = sourceOf(variable.datasource);
    const values =
      source === 'postgres'
        ? (await farm.rows(text)).map((row) => String(row['__value'] ?? Object.values(row)[0]))
        : (await farm.influxql(source, text)).flatMap((one) =>
            one.values.map((row) => String(row[1])),
          );
    const wanted = chosen[variable.name];
    const current = variable.current?.value;
    variables[variable.name] =
      wanted ??
      (variable.includeAll
        ? { all: variable.allValue ?? '' }
        : typeof current === 'string' && values.includes(current)
          ? current
          : (values[0] ?? ''));
  }
  const linesOf = async (query: PanelQuery): Promise<Line[]> => {
    const text = expand(query.text, choice(query.panel));
    if (query.source === 'postgres') return linesOfRows(await farm.rows(text));
    const found = await farm.influxql(query.source, text);
    return found.flatMap((one) =>
      one.columns.slice(1).map((column, index) => ({
        name: query.alias
          .replace('$col', column)
          .replaceAll(/\$tag_(\w+)/g, (_, tag: string) => one.tags[tag] ?? ''),
        points: one.values.map((row): [number, number | null] => [
          Number(row[0]),
          row[index + 1] as number | null,
        ]),
      })),
    );
  };
  return {
    from,
    to,
    variables,
    async lines(panel) {
      const found: Line[] = [];
      for (const query of queriesOfPanel(panel)) found.push(...(await linesOf(query)));
      return found.filter(({ points }) => points.some(([, value]) => value !== null));
    },
    async table(panel) {
      const found: Record<string, unknown>[] = [];
      for (const query of queriesOfPanel(panel)) {
        if (query.source === 'postgres')
          found.push(...(await farm.rows(expand(query.text, choice(panel)))));
      }
      return found;
    },
  };
}

function linesOfRows(rows: readonly Record<string, unknown>[]): Line[] {
  // Rows of now, not lines.
  if (!(rows[0]?.['time'] instanceof Date)) return [];
  const names = Object.keys(rows[0]).filter((name) => name !== 'time');
  return names.map((name) => ({
    name,
    points: rows.map((row) => [(row['time'] as Date).getTime() / 1000, Number(row[name])]),
  }));
}

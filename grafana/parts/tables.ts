import type { Builder } from '@grafana/grafana-foundation-sdk/cog';
import { TableSortByFieldStateBuilder } from '@grafana/grafana-foundation-sdk/common';
import type {
  DynamicConfigValue,
  Panel,
  ThresholdsConfig,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { PanelBuilder as TableBuilder } from '@grafana/grafana-foundation-sdk/table';
import {
  NOT_REPORTED,
  nullMapping,
  valueMapping,
  withCommon,
  type Common,
  type States,
} from './panels.ts';

export interface Column {
  unit?: string;
  decimals?: number;
  width?: number;
  /** Takes part of the free room, but never less than this. */
  minWidth?: number;
  /** The header offers to pick values. */
  filter?: true;
  /** Kept for links, not shown. */
  hidden?: true;
  /** Where a click leads. */
  link?: { title: string; url: string };
  /** Colours the text by value. */
  thresholds?: Builder<ThresholdsConfig>;
  /** Colours the text by what it says. */
  states?: States;
}

export interface Table extends Common {
  columns: Record<string, Column>;
  sort?: { column: string; descending: boolean };
}

/** Narrow enough for all columns on a laptop; Grafana's own 150 pushes the last ones out of sight. */
const MIN_WIDTH = 70;

/** Rows as the query gives them; a column not named in `columns` is shown as it is. */
export function table(spec: Table): Builder<Panel> {
  // Grafana 9 says "No data" for a table without rows, whatever its "noValue" is.
  const empty = spec.noValue === undefined ? '' : ` An empty table means: ${spec.noValue}`;
  const panel = withCommon(new TableBuilder(), {
    ...spec,
    description: spec.description + empty,
  })
    .minWidth(MIN_WIDTH)
    // "noValue" of the panel is for a table without rows, and would stand in each empty cell too.
    .overrideByRegexp('/.*/', [{ id: 'noValue', value: NOT_REPORTED }]);
  if (spec.sort) {
    panel.sortBy([
      new TableSortByFieldStateBuilder().displayName(spec.sort.column).desc(spec.sort.descending),
    ]);
  }
  for (const [name, column] of Object.entries(spec.columns)) {
    panel.overrideByName(name, settings(column));
  }
  return panel;
}

function settings(column: Column): DynamicConfigValue[] {
  // Since Grafana 10 the cell has "cellOptions"; it converts "displayMode" when it loads schema 37.
  const coloured: DynamicConfigValue = { id: 'custom.displayMode', value: 'color-text' };
  return [
    ...setting('unit', column.unit),
    ...setting('decimals', column.decimals),
    ...setting('custom.width', column.width),
    ...setting('custom.minWidth', column.minWidth),
    ...setting('custom.filterable', column.filter),
    ...setting('custom.hidden', column.hidden),
    ...setting('links', column.link && [{ ...column.link, targetBlank: false }]),
    ...(column.thresholds
      ? [
          coloured,
          { id: 'thresholds', value: column.thresholds.build() },
          { id: 'color', value: { mode: 'thresholds' } },
          { id: 'mappings', value: [nullMapping(NOT_REPORTED)] },
        ]
      : []),
    ...(column.states ? [coloured, { id: 'mappings', value: [valueMapping(column.states)] }] : []),
  ];
}

function setting(id: string, value: unknown): DynamicConfigValue[] {
  return value === undefined ? [] : [{ id, value }];
}

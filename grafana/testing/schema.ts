import * as z from 'zod';

/**
 * Classic dashboard JSON as Grafana 9.3 knows it (kinds/dashboard and the panels' own models of that version), as far as the
 * dashboards use it. Strict at every level: a key or value that came later is an error here.
 */
const any = z.unknown();
const threshold = z.strictObject({ value: z.number().nullable(), color: z.string() });
const thresholds = z.strictObject({
  mode: z.enum(['absolute', 'percentage']),
  steps: z.array(threshold).min(1),
});
const meaning = z.strictObject({ text: z.string(), color: z.string(), index: z.number() });
const mapping = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('value'), options: z.record(z.string(), meaning) }),
  z.strictObject({
    type: z.literal('special'),
    options: z.strictObject({ match: z.literal('null'), result: meaning }),
  }),
]);
const link = z.strictObject({ title: z.string(), url: z.string(), targetBlank: z.boolean() });
const datasource = z.strictObject({
  type: z.enum(['influxdb', 'postgres', 'datasource', 'grafana']),
  uid: z.string(),
});

const PROPERTIES: Record<string, z.ZodType> = {
  color: z.strictObject({
    mode: z.enum(['fixed', 'thresholds']),
    fixedColor: z.string().optional(),
  }),
  thresholds,
  mappings: z.array(mapping),
  links: z.array(link),
  unit: z.string(),
  decimals: z.number().int(),
  noValue: z.string(),
  'custom.spanNulls': z.boolean(),
  'custom.lineStyle': z.strictObject({ fill: z.literal('dash'), dash: z.array(z.number()) }),
  'custom.fillOpacity': z.number(),
  'custom.hidden': z.boolean(),
  'custom.width': z.number(),
  'custom.minWidth': z.number(),
  'custom.filterable': z.boolean(),
  // Grafana 10 turns it into "cellOptions" when it loads schema 37.
  'custom.displayMode': z.literal('color-text'),
};
const property = z
  .strictObject({ id: z.enum(Object.keys(PROPERTIES)), value: any })
  .refine(({ id, value }) => PROPERTIES[id]?.safeParse(value).success, {
    message: 'not a value of this property',
  });
const override = z.strictObject({
  matcher: z.strictObject({ id: z.enum(['byName', 'byRegexp']), options: z.string() }),
  properties: z.array(property).min(1),
});

const defaults = <Custom extends z.ZodType>(custom: Custom) =>
  z.strictObject({
    custom: custom.optional(),
    noValue: z.string().min(1),
    unit: z.string().optional(),
    decimals: z.number().optional(),
    min: z.number().optional(),
    mappings: z.array(mapping).optional(),
    thresholds: thresholds.optional(),
  });

const influxTarget = z.strictObject({
  refId: z.string(),
  datasource,
  query: z.string().min(1),
  rawQuery: z.literal(true),
  resultFormat: z.literal('time_series'),
  alias: z.string(),
});
const sqlTarget = z.strictObject({
  refId: z.string(),
  datasource,
  rawSql: z.string().min(1),
  rawQuery: z.literal(true),
  format: z.enum(['table', 'time_series']),
  editorMode: z.literal('code'),
});

const gridPos = z.strictObject({
  x: z.number().int().min(0).max(23),
  y: z.number().int().min(0),
  w: z.number().int().min(1).max(24),
  h: z.number().int().min(1),
});
const legend = z.strictObject({
  showLegend: z.boolean(),
  displayMode: z.enum(['list', 'table', 'hidden']),
  placement: z.enum(['bottom', 'right']),
  calcs: z.array(z.string()),
});
const tooltip = z.strictObject({
  mode: z.enum(['single', 'multi', 'none']),
  sort: z.enum(['none', 'asc', 'desc']),
});

function panel<Type extends string, Options extends z.ZodType, Custom extends z.ZodType>(
  type: Type,
  options: Options,
  custom: Custom,
) {
  return z.strictObject({
    type: z.literal(type),
    id: z.number().int().positive(),
    title: z.string().min(1),
    description: z.string().min(20),
    transparent: z.boolean(),
    gridPos,
    datasource,
    interval: z.string().optional(),
    timeFrom: z.string().optional(),
    hideTimeOverride: z.boolean().optional(),
    repeat: z.string().optional(),
    repeatDirection: z.literal('h').optional(),
    maxPerRow: z.number().optional(),
    targets: z.array(z.union([influxTarget, sqlTarget])).min(1),
    options,
    fieldConfig: z.strictObject({ defaults: defaults(custom), overrides: z.array(override) }),
  });
}

const stat = panel(
  'stat',
  z.strictObject({
    graphMode: z.literal('none'),
    colorMode: z.literal('value'),
    justifyMode: z.literal('auto'),
    textMode: z.enum(['auto', 'value_and_name']),
    orientation: z.literal('auto'),
    reduceOptions: z.strictObject({
      values: z.boolean(),
      calcs: z.array(z.string()),
      fields: z.string(),
    }),
  }),
  z.strictObject({}),
);
const timeseries = panel(
  'timeseries',
  z.strictObject({ legend, tooltip }),
  z.strictObject({
    lineWidth: z.number(),
    fillOpacity: z.number(),
    showPoints: z.literal('never'),
    spanNulls: z.boolean(),
    stacking: z.strictObject({ mode: z.literal('normal'), group: z.string() }).optional(),
  }),
);
const table = panel(
  'table',
  z.strictObject({
    frameIndex: z.number(),
    showHeader: z.boolean(),
    footer: any,
    sortBy: z.array(z.strictObject({ displayName: z.string(), desc: z.boolean() })).optional(),
  }),
  z.strictObject({ align: z.literal('auto'), inspect: z.boolean(), minWidth: z.number() }),
);
const stateTimeline = panel(
  'state-timeline',
  z.strictObject({
    showValue: z.literal('never'),
    rowHeight: z.number(),
    mergeValues: z.boolean(),
    alignValue: z.literal('left'),
    legend,
    tooltip,
  }),
  z.strictObject({ lineWidth: z.number(), fillOpacity: z.number() }),
);
const heatmap = panel(
  'heatmap',
  z.strictObject({
    calculate: z.literal(true),
    calculation: z.strictObject({
      yBuckets: z.strictObject({ mode: z.literal('size'), value: z.string() }),
    }),
    color: z.strictObject({
      mode: z.literal('scheme'),
      scheme: z.string(),
      fill: z.string(),
      scale: z.enum(['exponential', 'linear']),
      exponent: z.number(),
      steps: z.number(),
      reverse: z.boolean(),
    }),
    filterValues: z.strictObject({ le: z.number() }),
    showValue: z.literal('auto'),
    cellGap: z.number(),
    yAxis: z.strictObject({ unit: z.string(), axisPlacement: z.literal('left') }),
    legend: z.strictObject({ show: z.boolean() }),
    // "mode" is how Grafana 10 says what "show" does; 9.3 leaves alone what it does not know here.
    tooltip: z.strictObject({
      show: z.boolean(),
      yHistogram: z.boolean(),
      mode: z.literal('single'),
    }),
    exemplars: z.strictObject({ color: z.string() }),
  }),
  z.strictObject({}),
);
const row = z.strictObject({
  type: z.literal('row'),
  id: z.number().int().positive(),
  title: z.string().min(1),
  collapsed: z.literal(false),
  panels: z.array(z.never()),
  gridPos,
});

const variable = z.strictObject({
  type: z.literal('query'),
  name: z.string().regex(/^[a-z]+$/),
  label: z.string().optional(),
  description: z.string().min(10),
  datasource,
  query: z.string().min(1),
  definition: z.string(),
  refresh: z.union([z.literal(1), z.literal(2)]),
  sort: z.literal(0),
  regex: z.literal(''),
  multi: z.boolean(),
  includeAll: z.boolean(),
  allValue: z.literal('.*').optional(),
  hide: z.union([z.literal(0), z.literal(2)]).optional(),
  skipUrlSync: z.boolean(),
  current: any,
  options: z.array(z.never()),
});

const dashboardLink = z.strictObject({
  title: z.string(),
  type: z.enum(['dashboards', 'link']),
  icon: z.string(),
  tooltip: z.string(),
  tags: z.array(z.string()),
  asDropdown: z.boolean(),
  targetBlank: z.boolean(),
  includeVars: z.boolean(),
  keepTime: z.boolean(),
  url: z.string().optional(),
});

const annotation = z.strictObject({
  name: z.string(),
  datasource,
  enable: z.boolean(),
  hide: z.boolean(),
  iconColor: z.string(),
  builtIn: z.literal(1).optional(),
  type: z.literal('dashboard').optional(),
  target: any.optional(),
  rawQuery: z.string().optional(),
});

export const dashboardSchema = z.strictObject({
  uid: z.string().regex(/^[a-z-]{1,40}$/),
  title: z.string().min(1),
  description: z.string().min(20),
  tags: z.array(z.string()),
  // Each reader's own; tables and charts say times in it.
  timezone: z.literal('browser'),
  editable: z.literal(false),
  graphTooltip: z.literal(1),
  fiscalYearStartMonth: z.literal(0),
  schemaVersion: z.literal(37),
  refresh: z.literal('1m'),
  time: z.strictObject({ from: z.string().startsWith('now-'), to: z.literal('now') }),
  timepicker: z.strictObject({
    hidden: z.boolean(),
    refresh_intervals: z.array(z.string()),
    nowDelay: z.string(),
  }),
  templating: z.strictObject({ list: z.array(variable) }),
  annotations: z.strictObject({ list: z.array(annotation) }),
  links: z.array(dashboardLink),
  panels: z.array(
    z.discriminatedUnion('type', [row, stat, timeseries, table, stateTimeline, heatmap]),
  ),
});

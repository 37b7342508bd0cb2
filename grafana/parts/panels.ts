import type { Builder } from '@grafana/grafana-foundation-sdk/cog';
import {
  AxisPlacement,
  LegendDisplayMode,
  LegendPlacement,
  ReduceDataOptionsBuilder,
  SortOrder,
  TooltipDisplayMode,
  VisibilityMode,
  VizLegendOptionsBuilder,
  VizTooltipOptionsBuilder,
  HeatmapCalculationBucketConfigBuilder,
  HeatmapCalculationMode,
  HeatmapCalculationOptionsBuilder,
  StackingConfigBuilder,
  StackingMode,
  BigValueColorMode,
  BigValueGraphMode,
  BigValueTextMode,
} from '@grafana/grafana-foundation-sdk/common';
import {
  MappingType,
  SpecialValueMatch,
  type DynamicConfigValue,
  type Panel,
  type ThresholdsConfig,
} from '@grafana/grafana-foundation-sdk/dashboard';
import {
  HeatmapColorMode,
  HeatmapColorOptionsBuilder,
  HeatmapColorScale,
  PanelBuilder as HeatmapBuilder,
} from '@grafana/grafana-foundation-sdk/heatmap';
import { PanelBuilder as StatBuilder } from '@grafana/grafana-foundation-sdk/stat';
import { PanelBuilder as TimelineBuilder } from '@grafana/grafana-foundation-sdk/statetimeline';
import { PanelBuilder as TimeseriesBuilder } from '@grafana/grafana-foundation-sdk/timeseries';
import { MIXED, toDataquery, type DataSource, type Target } from './targets.ts';
import { COLOURS, plain } from './thresholds.ts';

/** What every panel says of itself. `id` is for ever: alerts and links name panels by it. */
export interface Common {
  id: number;
  title: string;
  /** What is shown, from what, and how to read it. */
  description: string;
  /** Of 24 columns, and of rows of 30 px. */
  size: readonly [width: number, height: number];
  targets: readonly Target[];
  /** Shown instead of nothing. */
  noValue?: string;
}

const NO_DATA = 'no data';
/** One value that is missing among others that are there. */
export const NOT_REPORTED = '–';
const REF_IDS = 'ABCDEFGHIJKLMNOP';

interface Sized<Self> {
  id(id: number): Self;
  title(title: string): Self;
  description(text: string): Self;
  span(width: number): Self;
  height(height: number): Self;
  datasource(datasource: Target['datasource']): Self;
  noValue(text: string): Self;
  withTarget(target: ReturnType<typeof toDataquery>): Self;
}

export function withCommon<Self extends Sized<Self>>(panel: Self, common: Common): Self {
  let built = panel
    .id(common.id)
    .title(common.title)
    .description(common.description)
    .span(common.size[0])
    .height(common.size[1])
    .noValue(common.noValue ?? NO_DATA)
    .datasource(sourceOf(common.targets));
  for (const [index, target] of common.targets.entries()) {
    built = built.withTarget(toDataquery(target, REF_IDS.charAt(index)));
  }
  return built;
}

function sourceOf([first, ...more]: readonly Target[]): DataSource {
  if (!first) throw new Error('A panel needs a query');
  return more.every(({ datasource }) => datasource.uid === first.datasource.uid)
    ? first.datasource
    : MIXED;
}

export interface Lines extends Common {
  unit: string;
  /** Lower bound of the axis; 0 unless said otherwise, null = follow the data. */
  min?: number | null;
  /** Smallest $__interval, e.g. "5m" for what is written every 5 minutes. */
  interval?: string;
  /** Series name → colour and other field settings. */
  overrides?: Record<string, readonly DynamicConfigValue[]>;
  repeat?: string;
  /** Shares of one total, piled up. */
  stacked?: true;
}

/**
 * Lines over time. An outage is a gap, never a line drawn across it. Decimals are left to Grafana: at a tick with more
 * of them than allowed it writes the panel's `noValue`, and one that reads as a number it draws in the gaps.
 */
export function lines(spec: Lines): Builder<Panel> {
  const panel = withCommon(new TimeseriesBuilder(), spec)
    .unit(spec.unit)
    .lineWidth(1)
    .fillOpacity(spec.stacked ? 50 : 8)
    .showPoints(VisibilityMode.Never)
    .spanNulls(false)
    .interval(spec.interval ?? '1m')
    .tooltip(
      new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Multi).sort(SortOrder.Descending),
    )
    .legend(
      new VizLegendOptionsBuilder()
        .showLegend(true)
        .displayMode(LegendDisplayMode.List)
        .placement(LegendPlacement.Bottom),
    );
  if (spec.stacked)
    panel.stacking(new StackingConfigBuilder().mode(StackingMode.Normal).group('A'));
  if (spec.min !== null) panel.min(spec.min ?? 0);
  if (spec.repeat !== undefined) panel.repeat(spec.repeat).repeatDirection('h').maxPerRow(4);
  for (const [name, properties] of Object.entries(spec.overrides ?? {})) {
    panel.overrideByName(name, [...properties]);
  }
  return panel;
}

export interface Stat extends Common {
  unit?: string;
  decimals?: number;
  thresholds?: Builder<ThresholdsConfig>;
  /** Column → field settings; with any, every number bears the name of its column. */
  overrides?: Record<string, readonly DynamicConfigValue[]>;
  /** The value is a word; its colours. */
  states?: States;
  /** Only what is at most so old, whatever the range of the dashboard: "10m". */
  newest?: string;
}

/** One number, or one beside its companions, of the newest row. */
export function stat(spec: Stat): Builder<Panel> {
  const overrides = Object.entries(spec.overrides ?? {});
  const panel = withCommon(new StatBuilder(), { noValue: NOT_REPORTED, ...spec })
    .graphMode(BigValueGraphMode.None)
    .colorMode(BigValueColorMode.Value)
    .textMode(overrides.length > 0 ? BigValueTextMode.ValueAndName : BigValueTextMode.Auto)
    .thresholds(spec.thresholds ?? plain())
    .reduceOptions(
      new ReduceDataOptionsBuilder()
        .values(false)
        .calcs(['lastNotNull'])
        // Empty: every number. A word needs to be asked for.
        .fields(spec.states ? '/.*/' : ''),
    );
  const absent = nullMapping(spec.noValue ?? NOT_REPORTED);
  panel.mappings(spec.states ? [valueMapping(spec.states), absent] : [absent]);
  if (spec.newest !== undefined) panel.timeFrom(spec.newest).hideTimeOverride(true);
  if (spec.unit !== undefined) panel.unit(spec.unit);
  if (spec.decimals !== undefined) panel.decimals(spec.decimals);
  for (const [name, properties] of overrides) {
    if (properties.length > 0) panel.overrideByName(name, [...properties]);
  }
  return panel;
}

export interface Heatmap extends Common {
  unit: string;
  /** Height of a row, in the unit. */
  rowOf: number;
}

/** `show` is how Grafana 9.3 says it, `mode` how 10 does. */
const HEATMAP_TOOLTIP = { show: true, mode: TooltipDisplayMode.Single, yHistogram: true };

/** How many of the series lie in each row and interval; Grafana turns the colours round on a dark page. */
export function heatmap(spec: Heatmap): Builder<Panel> {
  return withCommon(new HeatmapBuilder(), spec)
    .calculate(true)
    .calculation(
      new HeatmapCalculationOptionsBuilder().yBuckets(
        new HeatmapCalculationBucketConfigBuilder()
          .mode(HeatmapCalculationMode.Size)
          .value(String(spec.rowOf)),
      ),
    )
    .yAxis({ build: () => ({ unit: spec.unit, axisPlacement: AxisPlacement.Left }) })
    .color(
      new HeatmapColorOptionsBuilder()
        .mode(HeatmapColorMode.Scheme)
        .scheme('Oranges')
        .fill('dark-orange')
        .scale(HeatmapColorScale.Exponential)
        .exponent(0.5)
        .steps(64)
        .reverse(false),
    )
    .tooltip({ build: () => HEATMAP_TOOLTIP })
    .showLegend()
    .cellGap(1);
}

/** Value → what it means and its colour. */
export type States = Record<string, { text: string; color: string }>;

export interface Timeline extends Common {
  states: States;
}

/** Bands over time for values that are states. */
export function timeline(spec: Timeline): Builder<Panel> {
  return withCommon(new TimelineBuilder(), spec)
    .interval('1m')
    .mergeValues(true)
    .showValue(VisibilityMode.Never)
    .mappings([valueMapping(spec.states)])
    .legend(new VizLegendOptionsBuilder().showLegend(true).displayMode(LegendDisplayMode.List));
}

export function valueMapping(states: States) {
  const options = Object.fromEntries(
    Object.entries(states).map(([value, state], index) => [value, { ...state, index }]),
  );
  return { type: MappingType.ValueToText as const, options };
}

/** What is not reported is neither good nor bad, where Grafana would give it the colour of the lowest threshold. */
export function nullMapping(text: string) {
  return {
    type: MappingType.SpecialValue as const,
    options: { match: SpecialValueMatch.Null, result: { text, color: COLOURS.absent, index: 0 } },
  };
}

/** A fixed colour for one series. */
export function colour(fixedColor: string): DynamicConfigValue {
  return { id: 'color', value: { mode: 'fixed', fixedColor } };
}

/** Dashed, without filling, drawn across gaps: a reference, not a measurement. */
export const REFERENCE_LINE: readonly DynamicConfigValue[] = [
  { id: 'custom.spanNulls', value: true },
  { id: 'custom.lineStyle', value: { fill: 'dash', dash: [8, 6] } },
  { id: 'custom.fillOpacity', value: 0 },
];

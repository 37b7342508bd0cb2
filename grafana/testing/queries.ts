import type { Json } from '../parts/finish.ts';
import { HISTORY, SAMPLES } from '../parts/targets.ts';

export interface PanelJson {
  id: number;
  type: string;
  title: string;
  description?: string;
  gridPos: { x: number; y: number; w: number; h: number };
  datasource?: { type: string; uid: string };
  interval?: string;
  timeFrom?: string;
  repeat?: string;
  fieldConfig?: {
    defaults: {
      unit?: string;
      noValue?: string;
      min?: number;
      custom?: Record<string, Json>;
      thresholds?: { steps: { value: number | null; color: string }[] };
      mappings?: { options: Record<string, { text: string; color: string }> }[];
    };
    overrides: {
      matcher: { id: string; options: string };
      properties: { id: string; value: Json }[];
    }[];
  };
  options?: Record<string, Json>;
  targets?: TargetJson[];
}

export interface TargetJson {
  refId: string;
  datasource: { type: string; uid: string };
  query?: string;
  alias?: string;
  rawSql?: string;
  format?: string;
}

export interface VariableJson {
  name: string;
  type: string;
  query: string;
  datasource: { type: string; uid: string };
  hide?: number;
  skipUrlSync?: boolean;
  allValue?: string;
  includeAll?: boolean;
  multi?: boolean;
  description?: string;
  refresh?: number;
  current?: { value?: string | string[] };
}

export interface DashboardJson {
  uid: string;
  title: string;
  description: string;
  tags: string[];
  editable: boolean;
  schemaVersion: number;
  refresh: string;
  panels: PanelJson[];
  links: Record<string, Json>[];
  annotations: { list: { name: string; rawQuery?: string }[] };
  templating: { list: VariableJson[] };
}

/** Which database a query is for. */
export type Source = 'samples' | 'history' | 'postgres';

/** A query text of a panel, and where it goes. */
export interface PanelQuery {
  panel: PanelJson;
  alias: string;
  source: Source;
  text: string;
}

export function sourceOf({ uid }: { uid: string }): Source {
  if (uid === SAMPLES.uid) return 'samples';
  return uid === HISTORY.uid ? 'history' : 'postgres';
}

export function queriesOf(dashboard: DashboardJson): PanelQuery[] {
  return dashboard.panels.flatMap(queriesOfPanel);
}

export function queriesOfPanel(panel: PanelJson): PanelQuery[] {
  return (panel.targets ?? []).map((target) => ({
    panel,
    alias: target.alias ?? '',
    source: sourceOf(target.datasource),
    text: target.query ?? target.rawSql ?? '',
  }));
}

import type { Json } from '../parts/finish.ts';
import { SAMPLES } from '../parts/targets.ts';

export interface PanelJson {
  id: number;
  type: string;
  title: string;
  description?: string;
  gridPos: { x: number; y: number; w: number; h: number };
  datasource?: { type: string; uid: string };
  interval?: string;
  fieldConfig?: {
    defaults: { unit?: string; noValue?: string };
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
  templating: { list: VariableJson[] };
}

/** A query text of a panel, and where it goes. */
export interface PanelQuery {
  panel: PanelJson;
  alias: string;
  language: 'influxql' | 'sql';
  text: string;
}

export function queriesOf(dashboard: DashboardJson): PanelQuery[] {
  return dashboard.panels.flatMap((panel) =>
    (panel.targets ?? []).map((target) => ({
      panel,
      alias: target.alias ?? '',
      language: target.datasource.uid === SAMPLES.uid ? ('influxql' as const) : ('sql' as const),
      text: target.query ?? target.rawSql ?? '',
    })),
  );
}

import type { Builder } from '@grafana/grafana-foundation-sdk/cog';
import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { DERIVED } from './variables.ts';

/**
 * The schema of Grafana 9.3, the oldest served. Newer ones bring it up to their own when they load it
 * (table cells, refresh, time options); an older one would take a newer schema as it is, and misread it.
 */
const SCHEMA_VERSION = 37;

/** Written by the SDK, unknown to Grafana 9.3; each stands at its default. */
const NEWER_THAN_9_3 = {
  dashboard: ['preload'],
  link: ['placement'],
  variable: ['allowCustomValue', 'auto', 'auto_min', 'auto_count', 'staticOptions'],
  options: [
    'wideLayout',
    'showPercentChange',
    'percentChangeColorMode',
    'cellHeight',
    'showTypeIcons',
    'perPage',
    'selectionMode',
  ],
} as const;

export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };
type JsonObject = Record<string, Json>;

/** What every dashboard has: marks where an alert of one of its panels changed. */
const ALERTS: Json = {
  builtIn: 1,
  datasource: { type: 'grafana', uid: '-- Grafana --' },
  enable: true,
  hide: true,
  iconColor: 'rgba(0, 211, 255, 1)',
  name: 'Annotations & Alerts',
  target: { limit: 100, matchAny: false, tags: [], type: 'dashboard' },
  type: 'dashboard',
};

/** The dashboard as the file has it: what the SDK builds, mended where it does not fit the old versions. */
function finish(dashboard: Builder<Dashboard>, annotations: readonly Json[]): JsonObject {
  const built = JSON.parse(JSON.stringify(dashboard.build())) as JsonObject;
  drop(built, NEWER_THAN_9_3.dashboard);
  // The file says what the dashboard is, not which of its own ids Grafana gave it.
  drop(built, ['id']);
  built['schemaVersion'] = SCHEMA_VERSION;
  built['annotations'] = { list: [ALERTS, ...annotations] };
  for (const link of objects(built['links'])) drop(link, NEWER_THAN_9_3.link);
  for (const variable of objects((built['templating'] as JsonObject)['list'])) {
    drop(variable, NEWER_THAN_9_3.variable);
    // What a saved variable always has, and the SDK leaves out when it is empty.
    variable['current'] ??= {};
    variable['options'] ??= [];
    variable['regex'] ??= '';
    if (DERIVED.some((name) => name === variable['name'])) variable['skipUrlSync'] = true;
  }
  for (const panel of objects(built['panels'])) {
    if (panel['repeat'] === undefined) drop(panel, ['repeatDirection']);
    if (isObject(panel['options'])) drop(panel['options'], NEWER_THAN_9_3.options);
  }
  return built;
}

/** As committed: two spaces, a line feed at the end. */
export function toText(dashboard: Builder<Dashboard>, annotations: readonly Json[]): string {
  return `${JSON.stringify(finish(dashboard, annotations), null, 2)}\n`;
}

function drop(object: JsonObject, keys: readonly string[]): void {
  for (const key of keys) delete object[key];
}

function objects(value: Json | undefined): JsonObject[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

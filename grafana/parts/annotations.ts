import type { Json } from './finish.ts';
import { STATE, trimmed } from './targets.ts';

/** Marks on every chart, from rows with `time` (epoch seconds) and `text`. As Grafana 9.3 has it; later ones convert it. */
export function sqlAnnotation(name: string, iconColor: string, sql: string): Json {
  return {
    name,
    iconColor,
    datasource: { ...STATE },
    enable: true,
    hide: false,
    rawQuery: trimmed(sql),
  };
}

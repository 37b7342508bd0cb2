import { askInflux } from '../../../simulator/services/influxql.ts';
import type { Rig } from '../rig/rig.ts';

/** Whatever a miner said must be in no tag: those are ids, and models in small letters. */
export async function foreignTags(rig: Rig): Promise<string[]> {
  const shapes: Record<string, RegExp> = {
    site: /^site-\d+$/,
    miner: /^(?:[0-9a-f]{12}|ip-[\d-]+|sn-[a-z0-9-]+)$/,
    model: /^[a-z0-9-]{1,64}$/,
    board: /^\d{1,3}$/,
    agent: /^agent-\d+$/,
  };
  const found: string[] = [];
  const measurements = await askInflux(rig.influx, 'hashyard', 'SHOW MEASUREMENTS');
  for (const [name] of measurements.flatMap(({ values }) => values)) {
    if (!['miner', 'board', 'agent'].includes(String(name))) found.push(`measurement ${name}`);
  }
  const keys = await askInflux(rig.influx, 'hashyard', 'SHOW TAG KEYS');
  for (const [key] of keys.flatMap(({ values }) => values)) {
    if (!(String(key) in shapes)) found.push(`tag ${key}`);
  }
  for (const [key, shape] of Object.entries(shapes)) {
    const values = await askInflux(rig.influx, 'hashyard', `SHOW TAG VALUES WITH KEY = "${key}"`);
    for (const [, value] of values.flatMap((series) => series.values)) {
      if (!shape.test(String(value))) found.push(`${key} ${String(value).slice(0, 80)}`);
    }
  }
  return found;
}

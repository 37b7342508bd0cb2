import { linesOf } from '../../influx/lines.ts';
import type { Line } from '../../influx/write-batch.ts';
import type { CheckedSample } from './check-batch.ts';
import { modelTag } from './series-key.ts';

/** What InfluxDB stores of a sample. */
export function linesOfSample(scope: string, checked: CheckedSample): Line<CheckedSample>[] {
  const { key, timeS, sample } = checked;
  const tags = { site: scope, miner: key, model: modelTag(sample.manufacturer, sample.model) };
  return linesOf(tags, sample, timeS).map((text) => ({ text, timeS, source: checked }));
}

/** A line that was kept as text. */
export function lineOfText<Source>(text: string, source: Source): Line<Source> {
  return { text, timeS: Number(text.slice(text.lastIndexOf(' ') + 1)), source };
}

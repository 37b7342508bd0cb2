import type { Json } from '../parts/finish.ts';
import type { PanelJson } from '../testing/queries.ts';

/** What a panel sets for one of its columns or lines. */
export function settingOf(panel: PanelJson, name: string, id: string): Json | undefined {
  return panel.fieldConfig?.overrides
    .filter(({ matcher }) => matcher.id === 'byName' && matcher.options === name)
    .flatMap(({ properties }) => properties)
    .find((property) => property.id === id)?.value;
}

type Steps = readonly { value: number | null; color: string }[];

/** The colour name of a number, by the steps of its column or of the panel; undefined: none is set. */
export function thresholdColour(
  panel: PanelJson,
  name: string,
  value: unknown,
): string | undefined {
  const own = settingOf(panel, name, 'thresholds') as { steps?: Steps } | undefined;
  const steps: Steps = own?.steps ?? panel.fieldConfig?.defaults.thresholds?.steps ?? [];
  const number = Number(value);
  if (value === null || Number.isNaN(number)) return undefined;
  return steps.findLast((step) => step.value === null || number >= step.value)?.color;
}

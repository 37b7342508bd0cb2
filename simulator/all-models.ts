import { CUSTOM_MODELS } from './custom-models.ts';
import { FORK_MODELS } from './fork-models.ts';
import { CCMINER_MODELS, MODELS, modelOf } from './models.ts';
import type { Model } from './models.ts';
import { WEB_MODELS } from './web-models.ts';

/** Every model there is: those of a usual farm first. */
export const ALL_MODELS: readonly Model[] = [
  ...MODELS,
  ...CCMINER_MODELS,
  ...CUSTOM_MODELS,
  ...FORK_MODELS,
  ...WEB_MODELS,
];

/** Read over HTTP in the main. */
const HTTP_MODELS = ALL_MODELS.filter(
  (model) => WEB_MODELS.includes(model) || model.family === 'vnish' || model.family === 'mara',
);

const httpModel = inTurn(HTTP_MODELS);

/** What the n-th miner of a farm is, by the name the command line knows it by. */
export const MIXES = {
  /** One of each that is common, then a grown farm's mix. */
  usual: modelOf,
  /** One of each there is, and again. */
  all: inTurn(ALL_MODELS),
  /** A usual farm of which each fifth machine is one that is read over HTTP. */
  mixed: (index: number): Model =>
    index % 5 === 4 ? httpModel(Math.floor(index / 5)) : modelOf(index - Math.floor(index / 5)),
} as const satisfies Record<string, (index: number) => Model>;

/** Models of some families only, in turn; null when one has no models. */
export function onlyFamilies(families: readonly string[]): ((index: number) => Model) | null {
  const has = (family: string) => ALL_MODELS.some((model) => model.family === family);
  if (!families.every(has)) return null;
  return inTurn(ALL_MODELS.filter(({ family }) => families.includes(family)));
}

function inTurn(models: readonly Model[]): (index: number) => Model {
  return (index) => models[index % models.length]!;
}

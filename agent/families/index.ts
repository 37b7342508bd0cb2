import { antminerStock } from './antminer-stock/family.ts';
import { avalon } from './avalon/family.ts';
import { blackminer } from './blackminer/family.ts';
import type { Family } from './family.ts';
import { genericCgminer } from './generic-cgminer/family.ts';
import { hammer } from './hammer/family.ts';
import { volcminer } from './volcminer/family.ts';
import { whatsminer } from './whatsminer/family.ts';

/**
 * Every family the agent knows, in the order their evidence is weighed: custom firmware stands before
 * the stock it answers like, and the fallback last.
 */
export const families: readonly Family[] = [
  avalon,
  whatsminer,
  antminerStock,
  volcminer,
  hammer,
  blackminer,
  genericCgminer,
];

/** Ports worth knocking at: those by which any family is known. */
export const SCAN_PORTS: readonly number[] = [
  ...new Set(families.flatMap((family) => [...family.plans.keys()])),
];

export function familyById(id: string): Family | undefined {
  return families.find((family) => family.id === id);
}

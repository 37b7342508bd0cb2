import type { MinerError } from '../../reading.ts';
import { numberIn, numbersIn } from './mm.ts';
import type { Module } from './mm.ts';

/** Older modules have one number there, which is no fault. */
const SUPPLY_FIELDS = 6;

/**
 * What a module says is wrong: of the whole (`ECMM`), of its boards (`ECHU`), of its supply (the first of `PS`). The first two are
 * bits whose meaning Canaan does not tell, and machines hash on with some of them.
 */
export function faultsIn(module: Module): MinerError[] {
  const found: MinerError[] = [];
  const add = (
    bits: number | null | undefined,
    name: string,
    text: string,
    severity: MinerError['severity'],
  ): void => {
    if (bits) found.push({ code: `${name}:${bits}`, text, severity });
  };
  add(numberIn(module, 'ECMM'), 'ECMM', 'control board', 'warning');
  for (const [slot, bits] of numbersIn(module, 'ECHU').entries()) {
    add(bits, `ECHU${slot}`, `hashboard ${slot}`, 'warning');
  }
  const supply = numbersIn(module, 'PS');
  if (supply.length >= SUPPLY_FIELDS) add(supply[0], 'PS', 'power supply', 'error');
  return found;
}

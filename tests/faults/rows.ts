import type { FaultRow } from './row.ts';
import { chaos } from './rows/chaos.ts';

/** Every row of the fault table, in its order. */
export const ROWS: readonly FaultRow[] = [chaos];

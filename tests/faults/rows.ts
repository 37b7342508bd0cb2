import type { FaultRow } from './row.ts';
import { agentKilled } from './rows/agent-killed.ts';
import { bitRot } from './rows/bit-rot.ts';
import { ioError } from './rows/io-error.ts';
import { chaos } from './rows/chaos.ts';
import { firstAdmin } from './rows/first-admin.ts';
import { keyRevoked } from './rows/key-revoked.ts';
import { powerCut } from './rows/power-cut.ts';
import { replayed } from './rows/replayed.ts';

/** Every row of the fault table, in its order. */
export const ROWS: readonly FaultRow[] = [
  agentKilled,
  powerCut,
  bitRot,
  ioError,
  replayed,
  keyRevoked,
  firstAdmin,
  chaos,
];

import type { FaultRow } from './row.ts';
import { agentKilled } from './rows/agent-killed.ts';
import { answersLost } from './rows/answers-lost.ts';
import { bitRot } from './rows/bit-rot.ts';
import { chaos } from './rows/chaos.ts';
import { clockJumps } from './rows/clock-jumps.ts';
import { diskFull } from './rows/disk-full.ts';
import { firstAdmin } from './rows/first-admin.ts';
import { fuzz } from './rows/fuzz.ts';
import { herd } from './rows/herd.ts';
import { hostileMiners } from './rows/hostile-miners.ts';
import { influxKilled } from './rows/influx-killed.ts';
import { influxSlow } from './rows/influx-slow.ts';
import { ioError } from './rows/io-error.ts';
import { keyRevoked } from './rows/key-revoked.ts';
import { longOutage } from './rows/long-outage.ts';
import { partition } from './rows/partition.ts';
import { poison } from './rows/poison.ts';
import { postgresDown } from './rows/postgres-down.ts';
import { powerCut } from './rows/power-cut.ts';
import { queueModel } from './rows/queue-model.ts';
import { replayed } from './rows/replayed.ts';
import { secrets } from './rows/secrets.ts';
import { serverKilled } from './rows/server-killed.ts';

/** Every row of the fault table, in its order. */
export const ROWS: readonly FaultRow[] = [
  agentKilled,
  powerCut,
  bitRot,
  diskFull,
  ioError,
  serverKilled,
  postgresDown,
  influxKilled,
  influxSlow,
  partition,
  longOutage,
  answersLost,
  replayed,
  clockJumps,
  poison,
  fuzz,
  hostileMiners,
  herd,
  keyRevoked,
  firstAdmin,
  secrets,
  chaos,
  queueModel,
];

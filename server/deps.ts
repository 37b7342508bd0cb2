import type { FastifyBaseLogger } from 'fastify';
import type { Sql } from 'postgres';
import type { ServerConfig } from './config.ts';
import type { Guard } from './features/people/guard.ts';
import type { Influx } from './influx/influx.ts';

/** Everything a feature may use, opened by start.ts (or a test) and closed there. */
export interface Deps {
  sql: Sql;
  influx: Influx;
  guard: Guard;
  config: ServerConfig;
  log: FastifyBaseLogger;
  /** Now. Tests bring their own. */
  clock: () => Date;
}

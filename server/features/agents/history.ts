import type { FastifyBaseLogger } from 'fastify';
import * as z from 'zod';
import { withDeadline } from '../../deadline.ts';
import type { Deps } from '../../deps.ts';
import { time } from '../../http/answers.ts';
import { InfluxError, type Series } from '../../influx/influx.ts';

const STEP_S = 900;
const POINTS = 96;
/** Over how long the speed of a backlog is measured. */
const DRAIN_S = 1_800;
/** The rest of the page must not wait for long. */
const DEADLINE_MS = 3_000;

const line = z.array(z.number().nullable());
export const agentLines = z.object({
  /** Start of the first step. */
  from: time,
  step_s: z.number().int(),
  /** Maxima of each step; null: nothing was known in it. */
  backlog_batches: line,
  cycle_ms: line,
  cycle_reachable: line,
});
export type AgentLines = z.output<typeof agentLines>;

export const drainAnswer = z.object({
  batches: z.number(),
  /** Time of the oldest sample held. */
  oldest: z.string().nullable(),
  /** Batches by which the backlog became smaller in a minute, over the last half hour; below 0: it grows. */
  per_minute: z.number().nullable(),
  /** Until it is empty at that speed; null: not at that speed. */
  eta_s: z.number().nullable(),
});

const LINES = ['backlog_batches', 'cycle_ms', 'cycle_reachable'] as const;

type HistoryDeps = Pick<Deps, 'influx' | 'config'>;

/** The last 24 h of an agent's pipeline (measurement "agent"); null when InfluxDB cannot say. */
export async function readAgentLines(
  deps: HistoryDeps,
  agentId: number,
  now: Date,
  log: FastifyBaseLogger,
): Promise<AgentLines | null> {
  const endS = Math.floor(now.getTime() / 1000 / STEP_S) * STEP_S + STEP_S;
  const fromS = endS - POINTS * STEP_S;
  const columns = LINES.map((name) => `max("${name}") AS "${name}"`).join(', ');
  const series = await ask(
    deps,
    `SELECT ${columns} FROM "agent" WHERE "agent" = 'agent-${agentId}' AND time >= ${fromS}s AND time < ${endS}s` +
      ` GROUP BY time(${STEP_S}s) fill(none)`,
    log,
  );
  if (series === null) return null;
  const empty = () => Array.from({ length: POINTS }, (): number | null => null);
  const lines = { backlog_batches: empty(), cycle_ms: empty(), cycle_reachable: empty() };
  for (const { columns: got, values } of series) {
    for (const row of values) {
      const step = (Number(row[got.indexOf('time')]) - fromS) / STEP_S;
      for (const name of LINES) {
        const value = row[got.indexOf(name)];
        if (typeof value === 'number') lines[name][step] = value;
      }
    }
  }
  return { from: new Date(fromS * 1000).toISOString(), step_s: STEP_S, ...lines };
}

/** How fast an agent's backlog shrinks, and when it will be gone. */
export async function readDrain(
  deps: HistoryDeps,
  agentId: number,
  backlog: { batches: number; oldest: string | null },
  now: Date,
  log: FastifyBaseLogger,
): Promise<z.output<typeof drainAnswer>> {
  const { batches, oldest } = backlog;
  const sinceS = Math.floor(now.getTime() / 1000) - DRAIN_S;
  const series = await ask(
    deps,
    `SELECT "backlog_batches" FROM "agent" WHERE "agent" = 'agent-${agentId}' AND time >= ${sinceS}s`,
    log,
  );
  const points = (series?.[0]?.values ?? []).map(([at, held]) => ({
    atS: Number(at),
    held: Number(held),
  }));
  const [first, last] = [points[0], points.at(-1)];
  const minutes = first && last ? (last.atS - first.atS) / 60 : 0;
  const perMinute = first && last && minutes > 0 ? (first.held - last.held) / minutes : null;
  const eta = perMinute !== null && perMinute > 0 ? Math.round((batches / perMinute) * 60) : null;
  return { batches, oldest, per_minute: perMinute, eta_s: batches === 0 ? 0 : eta };
}

async function ask(
  { influx, config }: HistoryDeps,
  influxql: string,
  log: FastifyBaseLogger,
): Promise<Series[] | null> {
  try {
    return await withDeadline(
      influx.query(config.influx.database, influxql),
      DEADLINE_MS,
      () => new InfluxError('unavailable', `no answer within ${DEADLINE_MS} ms`),
    );
  } catch (error) {
    if (!(error instanceof InfluxError)) throw error;
    log.warn({ err: error }, 'no history of the agent');
    return null;
  }
}

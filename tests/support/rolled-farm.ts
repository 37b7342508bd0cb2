import { expect } from 'vitest';
import { startTestServer } from './server.ts';
import { sync } from './sync.ts';
import { buildApp } from '../../server/app.ts';
import type { Deps } from '../../server/deps.ts';
import { InfluxError, type Influx } from '../../server/influx/influx.ts';
import { openInflux } from '../../server/influx/open-influx.ts';
import { openPostgres } from '../../server/resources/postgres.ts';
import { drainOne } from '../../server/features/ingest/drain.ts';
import { makeRollups, type Rollups } from '../../server/features/rollups/rollups.ts';
import { OLD_AGENT, type Delivery } from '../../server/features/rollups/testing/small-farm.ts';

export const MEASUREMENTS = [
  'site_agg',
  'model_agg',
  'fleet_agg',
  'site_1h',
  'fleet_1h',
  'miner_1h',
];
/** "<measurement> <values of its tags> <minutes from the start>" → its fields. */
export type Points = Map<string, Record<string, number>>;

/** One of several servers of a farm, with pools of its own. */
export interface FarmServer {
  deps: Deps;
  url: string;
  rollups: Rollups;
}

export interface Farm {
  /** What the first server asked InfluxDB. */
  queries: Set<string>;
  servers: [FarmServer, FarmServer];
  now: { s: number };
  /** Scope of each agent. */
  scopes: string[];
  /** Sends a poll to one of the servers; false: it is not stored, and the agent sends it again. */
  deliver(delivery: Delivery, server?: FarmServer): Promise<boolean>;
  /** As a server that ended without a word and was started again; its lease runs out. */
  restart(server: FarmServer): Promise<void>;
  /** Rounds until there is nothing left to do, the clock going on. */
  settle(): Promise<void>;
  points(startS: number): Promise<Points>;
}

/** Two sites with two agents each, an old agent without a site, and two servers. */
export async function startFarm(stack: AsyncDisposableStack, startS: number): Promise<Farm> {
  const now = { s: startS };
  const first = stack.use(await startTestServer({ clock: () => new Date(now.s * 1000) }));
  const { config, log } = first.deps;
  const deps: Deps = {
    ...first.deps,
    sql: stack.adopt(openPostgres(config.databaseUrl, log), (pool) => pool.end()),
    influx: stack.adopt(openInflux(config.influx, log), (client) => client.close()),
  };
  const app = stack.adopt(await buildApp(deps), (built) => built.close());
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  const servers: Farm['servers'] = [
    { deps: first.deps, url: first.url, rollups: makeRollups(first.deps) },
    { deps, url, rollups: makeRollups(deps) },
  ];

  const queries = new Set<string>();
  const real = { ...first.deps.influx };
  Object.assign(first.deps.influx, {
    query: (database: string, text: string) => {
      queries.add(text);
      return real.query(database, text);
    },
  });

  const keys: string[] = [];
  const scopes: string[] = [];
  for (const site of [1, 2]) {
    const body = { name: `Site ${site}` };
    await first.call('POST', '/api/sites', { token: first.adminToken, body });
  }
  for (let agent = 0; agent <= OLD_AGENT; agent++) {
    const site = agent === OLD_AGENT ? undefined : 1 + (agent % 2);
    const { id, apiKey } = await first.registerAgent(`agent ${agent}`, site);
    keys.push(apiKey);
    scopes.push(site === undefined ? `agent-${id}` : `site-${site}`);
  }

  return {
    queries,
    servers,
    now,
    scopes,
    async deliver({ agent, body }, server = servers[0]) {
      const answer = await sync(server, keys[agent] ?? '', body);
      if (answer.status === 503) return false;
      expect(answer.body).toMatchObject({ errors: [] });
      expect(answer.status).toBe(200);
      return true;
    },
    async restart(server) {
      server.rollups = makeRollups(server.deps);
      await server.deps.sql`UPDATE rollup_leader SET until = now() - interval '1 second'`;
    },
    async settle() {
      for (const { rollups } of servers) await rollups.resign();
      while ((await drainOne(first.deps)) === 'stored');
      const [one] = servers;
      for (let idle = 0, rounds = 0; idle < 3; rounds++) {
        expect(rounds).toBeLessThan(100);
        now.s += 400;
        idle = (await one?.rollups.round()) === 'idle' ? idle + 1 : 0;
      }
      const [left] = await deps.sql<{ marks: number; open: number }[]>`
        SELECT (SELECT count(*)::int FROM rollup_marks) AS marks, (SELECT count(*)::int FROM rollup_open_hours) AS open`;
      expect(left).toEqual({ marks: 0, open: 0 });
    },
    async points(fromS) {
      const points: Points = new Map();
      for (const name of MEASUREMENTS) {
        const { database, rollupDatabase } = config.influx;
        const place = name.endsWith('_1h') ? rollupDatabase : database;
        const series = await deps.influx.query(place, `SELECT * FROM ${name} GROUP BY *`);
        for (const { tags, columns, values } of series) {
          for (const row of values) {
            const entries = columns.map((column, i) => [column, row[i]] as const);
            const { time, ...fields } = Object.fromEntries(
              entries.filter(([, value]) => value !== null),
            ) as Record<string, number>;
            const minute = (Number(time) - fromS) / 60;
            points.set([name, ...Object.values(tags), minute].join(' '), fields);
          }
        }
      }
      return points;
    },
  };
}

/**
 * Does `work` on a server whose InfluxDB fails at the `nth` write from now (and later ones): 'lost', nothing was stored;
 * 'unanswered', all was and nobody has heard of it.
 */
export async function withFailure<T>(
  { deps }: FarmServer,
  how: { nth: number; kind: 'lost' | 'unanswered' },
  work: () => Promise<T>,
): Promise<T> {
  const real = { ...deps.influx };
  let writes = 0;
  const failing: Influx['write'] = async (database, lines) => {
    if (++writes < how.nth) return real.write(database, lines);
    if (how.kind === 'unanswered') await real.write(database, lines);
    throw new InfluxError('unavailable', 'switched off');
  };
  Object.assign(deps.influx, { write: failing });
  try {
    return await work();
  } finally {
    Object.assign(deps.influx, real);
  }
}

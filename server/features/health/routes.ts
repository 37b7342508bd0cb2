import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import * as z from 'zod';
import type { Deps } from '../../deps.ts';
import { readiness } from './readiness.ts';

export const check = z.union([
  z.object({ ok: z.literal(true) }),
  z.object({ ok: z.literal(false), reason: z.string() }),
]);
const readyAnswer = z.object({
  status: z.enum(['ready', 'not_ready']),
  checks: z.object({ postgres: check, migrations: check, influxdb: check }),
});

/** For supervisors and load balancers: alive says the process answers, ready says its databases do too. */
export function healthRoutes({ sql, influx, config }: Deps): FastifyPluginAsyncZod {
  return async (app) => {
    app.get(
      '/healthz',
      {
        config: { public: 'asked by supervisors, which have no credential' },
        schema: {
          tags: ['health'],
          summary: 'The process answers',
          response: { 200: z.object({ status: z.literal('ok') }) },
        },
      },
      () => ({ status: 'ok' as const }),
    );

    app.get(
      '/readyz',
      {
        config: { public: 'asked by load balancers, which have no credential' },
        schema: {
          tags: ['health'],
          summary:
            'Postgres, its migrations and InfluxDB; 503 with the reasons when one is missing',
          response: { 200: readyAnswer, 503: readyAnswer },
        },
      },
      async (_request, reply) => {
        const checks = await readiness({ sql, influx, config });
        const ready = Object.values(checks).every((one) => one.ok);
        reply.code(ready ? 200 : 503);
        return { status: ready ? ('ready' as const) : ('not_ready' as const), checks };
      },
    );
  };
}

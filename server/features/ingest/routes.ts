import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import type { Deps } from '../../deps.ts';
import { ledgerRoutes } from './ledger-routes.ts';
import { startRefusals } from './refusals.ts';
import { syncRoutes } from './sync-routes.ts';

/** The way samples come in, and all of them that did not arrive: held up, refused, lost. */
export function ingestRoutes(deps: Deps): FastifyPluginAsyncZod {
  return async (app) => {
    const refused = startRefusals(deps);
    app.addHook('onClose', () => refused.stop());
    await app.register(syncRoutes(deps, refused));
    await app.register(ledgerRoutes(deps, refused));
  };
}

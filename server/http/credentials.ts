import type { FastifyInstance, RouteOptions } from 'fastify';

/** One route and what a caller must present, e.g. "agent key", "admin", "any user", "public: …". */
export interface RouteCredential {
  method: string;
  url: string;
  credential: string;
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Why this route needs no credential. Every other route must have a hook marked by `declares`. */
    public?: string;
    /** What a caller whose role is not enough is told; else the guard names the roles. */
    forbidden?: string;
  }
  interface FastifyInstance {
    /** Every route of the application, once it is ready. */
    routeCredentials: RouteCredential[];
  }
}

const declared = new WeakMap<object, string>();

/** Marks a hook as the one that checks `credential`; returns the hook. */
export function declares<Hook extends object>(credential: string, hook: Hook): Hook {
  declared.set(hook, credential);
  return hook;
}

/** Declares every route of this plugin's scope public, those of third-party plugins included. */
export function publicScope(scope: FastifyInstance, reason: string): void {
  scope.addHook('onRoute', (route) => {
    route.config = { ...route.config, public: reason };
  });
}

/** Fills `app.routeCredentials`, and lets the application not become ready while a route declares nothing. */
export function requireCredentials(app: FastifyInstance): void {
  const routes: RouteOptions[] = [];
  app.decorate('routeCredentials', []);
  app.addHook('onRoute', (route) => {
    routes.push(route);
  });
  app.addHook('onReady', async () => {
    for (const route of routes) {
      const credential = credentialOf(route);
      const methods = [route.method].flat();
      if (!credential) {
        throw new Error(
          `${methods.join(',')} ${route.url} declares no credential and is not public`,
        );
      }
      for (const method of methods)
        app.routeCredentials.push({ method, url: route.url, credential });
    }
  });
}

/** What a route asks of its caller; undefined when nothing was declared. */
export function credentialOf(route: RouteOptions): string | undefined {
  const reason = route.config?.public;
  if (reason) return `public: ${reason}`;
  const hooks = [route.onRequest, route.preHandler].flat().filter((hook) => hook !== undefined);
  return hooks.map((hook) => declared.get(hook)).find((credential) => credential !== undefined);
}

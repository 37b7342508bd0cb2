import type { FastifyRequest } from 'fastify';
import { Failure } from '../../failures.ts';

const READS = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Refuses a change asked for by another site's page in the name of a logged-in browser. Only the cookie is
 * sent by itself, so only sessions by cookie are checked. Browsers send Sec-Fetch-Site on https and localhost;
 * on plain http there is only Origin. Throws Failure `forbidden`.
 */
export function requireSameOrigin(request: FastifyRequest, publicUrl: string | undefined): void {
  if (READS.has(request.method)) return;
  const site = request.headers['sec-fetch-site'];
  if (site === 'same-origin') return;
  const { origin } = request.headers;
  if (site === undefined && origin !== undefined && isOwn(origin, request.host, publicUrl)) return;
  throw new Failure(
    'forbidden',
    'A session cookie counts only for requests of our own pages; scripts send "Authorization: Bearer <token>"',
  );
}

function isOwn(origin: string, host: string, publicUrl: string | undefined): boolean {
  const url = URL.parse(origin);
  return (
    url !== null &&
    (url.host === host || (publicUrl !== undefined && url.origin === new URL(publicUrl).origin))
  );
}

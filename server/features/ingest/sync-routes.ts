import { createHash } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import * as z from 'zod';
import { LANE_HEADER, legacySyncAnswer, syncAnswer, syncBody, type Lane } from '#contract/sync.ts';
import { withDeadline } from '../../deadline.ts';
import type { Deps } from '../../deps.ts';
import { Failure } from '../../failures.ts';
import { refusals } from '../../http/answers.ts';
import { agentOf, authenticateAgent, knownAgentOf } from '../enrolment/authenticate-agent.ts';
import { makeAdmission, senderGone, WORKING, type Permit } from './admission.ts';
import { makeAgentLimits } from './agent-limits.ts';
import { makePace } from './pace.ts';
import { readJson } from './read-json.ts';
import type { Refusals } from './refusals.ts';
import { makeSync, MAX_BODY_BYTES } from './sync.ts';

const now = () => performance.now();

/** Under the time Fastify gives a handler; above all that a sync waits for inside. */
const SYNC_TIMEOUT_MS = 19_000;
const WRITING_MS = 16_000;
/** Agents seen so long before the start are about to come back. */
const SEEN_MS = 86_400_000;

/** The way samples come in. Syncs that are refused are counted. */
export function syncRoutes(deps: Deps, refused: Refusals): FastifyPluginAsyncZod {
  const sync = makeSync(deps);
  const pace = makePace(WORKING, now);
  const admission = makeAdmission(pace, now);
  const limits = makeAgentLimits(now);
  const arrivals = new WeakMap<FastifyRequest, { permit: Permit; sha256?: Buffer }>();

  return async (app) => {
    app.addHook('onReady', async () => {
      const since = new Date(deps.clock().getTime() - SEEN_MS);
      const agents = await deps.sql<{ id: number }[]>`
        SELECT id FROM agents WHERE is_active AND last_seen_at > ${since}`.catch(
        (error: unknown) => {
          app.log.warn({ err: error }, 'which agents will come back is not known');
          return [];
        },
      );
      pace.expected(agents.map(({ id }) => id));
    });
    // Only here: Fastify's own parser would refuse the NaN of old agents, and would not keep the bytes to hash.
    app.removeAllContentTypeParsers();
    app.addContentTypeParser<Buffer>(
      'application/json',
      { parseAs: 'buffer' },
      async (request: FastifyRequest, bytes: Buffer) => {
        const arrival = arrivals.get(request);
        if (!arrival) return readJson(bytes);
        limits.took(agentOf(request).id, bytes.length);
        await arrival.permit.start();
        arrival.sha256 = createHash('sha256').update(bytes).digest();
        return readJson(bytes);
      },
    );

    app.post(
      '/api/agent/sync',
      {
        bodyLimit: MAX_BODY_BYTES,
        onRequest: [
          authenticateAgent(deps),
          (request, reply, done) => {
            // It left while its key was looked up: 'close' has been, and nothing would give its place back.
            if (reply.raw.destroyed) return done(senderGone());
            const { id } = agentOf(request);
            limits.enter(id);
            const permit = admission.enter(id, laneOf(request));
            arrivals.set(request, { permit });
            // A request that ends before its handler begins gives its place back here.
            reply.raw.once('close', () => {
              if (arrivals.delete(request)) permit.release();
            });
            done();
          },
        ],
        // After the answer: the refusal is known then, whoever made it.
        onResponse: (request, _reply, done) => {
          const { refusal } = request;
          if (refusal)
            refused.count(knownAgentOf(request)?.id ?? null, refusal.code, refusal.detail);
          done();
        },
        schema: {
          tags: ['Agents'],
          summary: 'Deliver miners and samples',
          description:
            'Header x-lane: "live" (default) or "backlog"; backlogs give way under load. Retry-After says when to come ' +
            'again. An answer to a body with "batch" names it with its SHA-256, and "next" tells the pace.',
          body: syncBody,
          response: { 200: z.union([syncAnswer, legacySyncAnswer]), ...refusals },
        },
      },
      (request) => {
        const arrival = arrivals.get(request);
        if (!arrival?.sha256) throw new Error('A sync came to its handler without a body');
        const { permit, sha256 } = arrival;
        // From here the place is held until the work ends, whether or not the sender still waits for it.
        arrivals.delete(request);
        const agent = agentOf(request);
        const { backlog } = request.body.agent ?? {};
        // Heard of before it comes, or a thousand agents that return together would be told a pace made for few. One
        // batch that waits is no backlog: it may be the last poll's, on its way.
        if (backlog && laneOf(request) === 'live') pace.reported(agent.id, backlog.batches > 1);
        const work = sync(request.body, {
          agent,
          sha256,
          ip: request.ip,
          log: request.log,
          signal: AbortSignal.timeout(WRITING_MS),
          pace,
        });
        work.then(
          () => permit.release('stored'),
          () => permit.release(),
        );
        return withDeadline(
          work,
          SYNC_TIMEOUT_MS,
          () =>
            new Failure('busy', 'The sync took too long; send it again later', { retryAfterS: 15 }),
        );
      },
    );
  };
}

/** Agents in the field name no lane: all they send is new. */
function laneOf(request: FastifyRequest): Lane {
  return request.headers[LANE_HEADER] === 'backlog' ? 'backlog' : 'live';
}

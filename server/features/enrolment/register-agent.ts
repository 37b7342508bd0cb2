import type { FastifyBaseLogger } from 'fastify';
import postgres, { type Sql } from 'postgres';
import type { RegisterAnswer, RegisterBody } from '#contract/agent.ts';
import { Failure } from '../../failures.ts';
import { id } from '../../http/answers.ts';
import { cleanText } from '../ingest/clean-text.ts';
import { addAgentKey } from './agent-keys.ts';

export const SHOWN_ONCE = 'Save the API key now: it is shown only this once.';

/** Makes an agent and its first key. Throws Failure `name_taken`, `not_found` (the site) and `invalid_body`. */
export async function registerAgent(
  sql: Sql,
  body: RegisterBody,
  createdBy: number | null,
  log: FastifyBaseLogger,
): Promise<RegisterAnswer> {
  const name = cleanText(body.name);
  const description = cleanText(body.description);
  const siteId = body.site_id ?? null;
  if (name === null) throw new Failure('invalid_body', 'name: is empty; name the agent');
  if (siteId !== null && !id.safeParse(siteId).success) throw noSite(siteId);
  try {
    return await sql.begin(async (tx) => {
      const [agent] = await tx<{ id: number }[]>`
        INSERT INTO agents (name, description, site_id)
        VALUES (${name}, ${description}, ${siteId}) RETURNING id`;
      if (!agent) throw new Error('INSERT into agents returned no row');
      const { token } = await addAgentKey(tx, agent.id, createdBy);
      log.info({ agent: agent.id, by: createdBy }, 'agent registered');
      return { id: agent.id, name, api_key: token, site_id: siteId, message: SHOWN_ONCE };
    });
  } catch (error) {
    if (!(error instanceof postgres.PostgresError)) throw error;
    if (error.code === '23505') {
      throw new Failure('name_taken', `name: there is an agent "${name}"; choose another`);
    }
    if (error.code === '23503') throw noSite(siteId);
    throw error;
  }
}

function noSite(siteId: number | null): Failure {
  return new Failure('not_found', `site_id: no site ${siteId}; create it first, or leave it out`);
}

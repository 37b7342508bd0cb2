import type { FastifyBaseLogger } from 'fastify';
import postgres, { type Sql } from 'postgres';
import type { RegisterAnswer, RegisterBody } from '#contract/agent.ts';
import { Failure } from '../../failures.ts';
import { id } from '../../http/answers.ts';
import { record, type Actor } from '../audit/record.ts';
import { cleanText } from '../ingest/clean-text.ts';
import { noSite } from '../sites/routes.ts';
import { addAgentKey } from './agent-keys.ts';

export const SHOWN_ONCE = "Save this API key - it won't be shown again!";

/** Makes an agent and its first key. Throws Failure `name_taken`, `not_found` (the site) and `invalid_body`. */
export async function registerAgent(
  sql: Sql,
  body: RegisterBody,
  by: Actor,
  log: FastifyBaseLogger,
): Promise<RegisterAnswer> {
  const name = cleanText(body.name);
  const description = cleanText(body.description);
  const siteId = body.site_id ?? null;
  if (name === null) throw new Failure('invalid_body', 'name: is empty; name the agent');
  if (siteId !== null && !id.safeParse(siteId).success) throw noSite();
  try {
    return await sql.begin(async (tx) => {
      const [agent] = await tx<{ id: number }[]>`
        INSERT INTO agents (name, description, site_id)
        VALUES (${name}, ${description}, ${siteId}) RETURNING id`;
      if (!agent) throw new Error('INSERT into agents returned no row');
      const { token } = await addAgentKey(tx, agent.id, by.userId);
      const after = { site_id: siteId };
      await record(tx, by, { action: 'agent.register', id: agent.id, name, after });
      log.info({ agent: agent.id, by: by.userId }, 'agent registered');
      const message = `Agent '${name}' registered successfully. ${SHOWN_ONCE}`;
      return { id: agent.id, name, api_key: token, site_id: siteId, message };
    });
  } catch (error) {
    if (!(error instanceof postgres.PostgresError)) throw error;
    if (error.code === '23505') {
      throw new Failure('name_taken', 'Agent with this name already exists');
    }
    if (error.code === '23503') throw noSite();
    throw error;
  }
}

import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import postgres, { type TransactionSql } from 'postgres';
import * as z from 'zod';
import type { Deps } from '../../deps.ts';
import { Failure } from '../../failures.ts';
import { id, idParams, idText, name, refusals, time, toIso } from '../../http/answers.ts';
import { actorOf, difference, record } from '../audit/record.ts';
import { passwordText, refuseBadPassword } from './new-password.ts';
import { sessionOf, sessionsAnswer } from './own-routes.ts';
import { tokenOf, tokensAnswer } from './own-token-routes.ts';
import { hashPassword } from './password.ts';
import { ROLES } from './permissions.ts';
import {
  listPersons,
  lockPerson,
  otherAdmins,
  savePerson,
  type Person,
  type PersonFields,
} from './person-store.ts';
import { deleteSessions } from './session-store.ts';
import { makeSessions } from './sessions.ts';
import { insertUser, setPassword } from './store.ts';
import { listApiTokens, revokeApiToken } from './token-store.ts';

const place = z.object({ id, name: z.string() });
const personAnswer = z
  .object({
    id,
    username: z.string(),
    email: z.string().nullable(),
    role: z.enum(ROLES),
    is_active: z.boolean(),
    /** Sees only what is granted; always so for a client. */
    limited: z.boolean(),
    sites: z.array(place),
    containers: z.array(place),
    created_at: time,
    last_login_at: time.nullable(),
    sessions: z.number().int(),
    tokens: z.number().int(),
  })
  .meta({ id: 'Person' });

const ids = z
  .array(id)
  .max(1_000)
  .transform((list) => [...new Set(list)].sort((a, b) => a - b));
const changes = z
  .object({
    email: z.email().max(255).nullable(),
    role: z.enum(ROLES),
    is_active: z.boolean(),
    limited: z.boolean(),
    site_ids: ids,
    container_ids: ids,
    /** Ends the sessions of the user. */
    password: passwordText,
  })
  .partial();
const newPerson = changes
  .required({ role: true, password: true })
  .extend({ username: name.refine((text) => !/\s/.test(text), 'expected a name without spaces') });

/** Users, as administrators keep them. Nobody is deleted: the audit log speaks of them. */
export function personRoutes(deps: Deps): FastifyPluginAsyncZod {
  const { sql, clock } = deps;
  const sessions = makeSessions(deps);
  const one = async (userId: number) => {
    const [person] = await listPersons(sql, sessions.window(), userId);
    if (!person) throw noUser(userId);
    return answerOf(person);
  };

  return async (app) => {
    app.get(
      '/api/people',
      {
        schema: {
          tags: ['people'],
          summary: 'Users with what is granted to them, in order of name',
          response: { 200: z.array(personAnswer), ...refusals },
        },
      },
      async () => (await listPersons(sql, sessions.window())).map(answerOf),
    );

    app.post(
      '/api/people',
      {
        schema: {
          tags: ['people'],
          summary: 'Add a user',
          body: newPerson,
          response: { 200: personAnswer, ...refusals },
        },
      },
      async (request) => {
        const { username, password, ...given } = request.body;
        refuseBadPassword(username, password);
        const fields: PersonFields = fieldsOf({
          email: null,
          is_active: true,
          limited: false,
          site_ids: [],
          container_ids: [],
          ...defined(given),
          role: given.role,
        });
        const passwordHash = await hashPassword(password);
        const userId = await granting(() =>
          sql.begin(async (tx) => {
            const made = await insertUser(tx, { username, role: fields.role, passwordHash });
            if (made === undefined) {
              throw new Failure('name_taken', 'User with this name already exists');
            }
            await savePerson(tx, made, fields);
            const by = actorOf(request, clock());
            await record(tx, by, {
              action: 'user.create',
              id: made,
              name: username,
              after: fields,
            });
            return made;
          }),
        );
        return one(userId);
      },
    );

    app.patch(
      '/api/people/:id',
      {
        schema: {
          tags: ['people'],
          summary:
            'Change what is given; a new password, or disabling, ends all sessions of the user',
          params: idParams,
          body: changes,
          response: { 200: personAnswer, ...refusals },
        },
      },
      async (request) => {
        const { id: userId } = request.params;
        const { password, ...given } = request.body;
        const passwordHash = password === undefined ? null : await hashPassword(password);
        await granting(() =>
          sql.begin(async (tx) => {
            const was = await lockPerson(tx, userId);
            if (!was) throw noUser(userId);
            const { username, ...before } = was;
            if (password !== undefined) refuseBadPassword(username, password);
            const after = fieldsOf({ ...before, ...defined(given) });
            await keepAnAdmin(tx, userId, before, after);
            await savePerson(tx, userId, after);
            const by = actorOf(request, clock());
            const changed = difference(before, after);
            const who = { id: userId, name: username };
            if (changed) await record(tx, by, { action: 'user.change', ...who, ...changed });
            if (passwordHash !== null) {
              await setPassword(tx, userId, passwordHash);
              await record(tx, by, { action: 'user.password', ...who });
            }
            if (passwordHash !== null || !after.is_active) await deleteSessions(tx, userId);
          }),
        );
        return one(userId);
      },
    );

    app.get(
      '/api/people/:id/sessions',
      {
        schema: {
          tags: ['people'],
          summary: 'Live sessions of a user',
          params: idParams,
          response: { 200: sessionsAnswer, ...refusals },
        },
      },
      async (request) => {
        const { caller, params } = request;
        await one(params.id);
        return (await sessions.list(params.id)).map((session) =>
          sessionOf(session, caller?.session?.id),
        );
      },
    );

    app.delete(
      '/api/people/:id/sessions',
      {
        schema: {
          tags: ['people'],
          summary: 'End all sessions of a user',
          params: idParams,
          response: { 204: z.null(), ...refusals },
        },
      },
      async (request, reply) => {
        const { id: userId } = request.params;
        const { username } = await one(userId);
        await sql.begin(async (tx) => {
          const ended = await deleteSessions(tx, userId);
          const before = { sessions: ended };
          const by = actorOf(request, clock());
          await record(tx, by, { action: 'session.end', id: userId, name: username, before });
        });
        return reply.code(204).send(null);
      },
    );

    app.get(
      '/api/people/:id/tokens',
      {
        schema: {
          tags: ['people'],
          summary: 'API tokens of a user',
          params: idParams,
          response: { 200: tokensAnswer, ...refusals },
        },
      },
      async (request) => {
        await one(request.params.id);
        return (await listApiTokens(sql, request.params.id)).map(tokenOf);
      },
    );

    app.delete(
      '/api/people/:id/tokens/:tokenId',
      {
        schema: {
          tags: ['people'],
          summary: 'Revoke an API token of a user at once',
          params: idParams.extend({ tokenId: idText }),
          response: { 204: z.null(), ...refusals },
        },
      },
      async (request, reply) => {
        const { id: userId, tokenId } = request.params;
        const now = clock();
        await sql.begin(async (tx) => {
          const token = await revokeApiToken(tx, userId, tokenId, now);
          if (!token) throw new Failure('not_found', `User ${userId} has no token ${tokenId}`);
          const before = { user_id: userId };
          const entry = { action: 'token.revoke', id: tokenId, name: token.name, before } as const;
          await record(tx, actorOf(request, now), entry);
        });
        return reply.code(204).send(null);
      },
    );
  };
}

/** Only a viewer can be limited, and a client always is. */
function fieldsOf(fields: PersonFields): PersonFields {
  return {
    ...fields,
    limited: fields.role === 'client' || (fields.limited && fields.role === 'viewer'),
  };
}

function rules(fields: PersonFields): boolean {
  return fields.role === 'admin' && fields.is_active;
}

/** Throws Failure `last_admin` when nobody could administer any more. */
async function keepAnAdmin(
  tx: TransactionSql,
  userId: number,
  before: PersonFields,
  after: PersonFields,
): Promise<void> {
  if (!rules(before) || rules(after)) return;
  if ((await otherAdmins(tx, userId)) === 0) {
    throw new Failure(
      'last_admin',
      'This is the only administrator who can log in; make another one first',
    );
  }
}

/** A site or container that is not there makes the grant fail as a whole. */
async function granting<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof postgres.PostgresError && error.code === '23503') {
      throw new Failure('not_found', 'A site or container among those to grant is not there', {
        cause: error,
      });
    }
    throw error;
  }
}

function noUser(userId: number): Failure {
  return new Failure('not_found', `No user ${userId}`);
}

/** Without the keys whose value is undefined. */
function defined<T extends object>(given: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}

function answerOf(person: Person) {
  return {
    ...person,
    created_at: person.created_at.toISOString(),
    last_login_at: toIso(person.last_login_at),
  };
}

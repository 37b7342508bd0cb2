import type { FastifyRequest } from 'fastify';
import type { Fragment, ISql } from 'postgres';
import type { Caller } from './guard.ts';

/** Whose eyes a read looks through: the id of a client, who sees granted containers only; null sees all. */
export type Eyes = number | null;

/** On a route behind the guard. */
export function eyesOf(request: FastifyRequest): Eyes {
  return eyesOfCaller(request.caller);
}

function eyesOfCaller(caller: Caller | null): Eyes {
  return caller?.role === 'client' ? caller.userId : null;
}

/** SQL condition: whether `eyes` may see what lies in the container of that column. */
export function visible(
  sql: ISql,
  eyes: Eyes,
  column: 'containers.id' | 'miners.container_id',
): Fragment {
  if (eyes === null) return sql`true`;
  return sql`${sql(column)} in (select container_id from container_grants where user_id = ${eyes})`;
}

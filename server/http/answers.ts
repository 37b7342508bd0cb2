import * as z from 'zod';
import { problem } from '#contract/refusals.ts';

/** Largest `integer` of Postgres: ids beyond it exist nowhere. */
const MAX_ID = 2_147_483_647;

/** An id in a path or a query. One that no row can have becomes 0: it is not wrong, only nobody's. */
export const idText = z.coerce
  .number()
  .int()
  .transform((value) => (value >= 1 && value <= MAX_ID ? value : 0));
/** An id in a body. */
export const id = z.number().int().min(1).max(MAX_ID);
export const idParams = z.object({ id: idText });

/** What people call a thing; spaces around it are theirs by accident. */
export const name = z.string().trim().min(1).max(255);
/** Free text that may be left out. */
export const note = z
  .string()
  .max(2000)
  .nullish()
  .transform((text) => text ?? null);

/** The same in a body of changes: left out, it is not changed. */
export const noteChange = z.string().max(2000).nullable();

/** W that a place can take. */
export const watts = z.number().min(0).max(1e12);
export const count = z.number().int().min(0).max(MAX_ID);

/** Of a body of changes what was sent. */
export function given<Body extends object>(request: { body: Body }): Given<Body> {
  return Object.fromEntries(
    Object.entries(request.body).filter(([, value]) => value !== undefined),
  ) as Given<Body>;
}
type Given<Body> = { [Key in keyof Body]?: Exclude<Body[Key], undefined> };

/** A moment, ISO 8601 in UTC. */
export const time = z.string().meta({ format: 'date-time', example: '2026-11-22T07:12:00.000Z' });
/** What a change answers when there is nothing else to say. */
export const message = z.object({ message: z.string() });

/** The refusals every route may give, for the API description. */
export const refusals = { '4xx': problem, '5xx': problem };

export function toIso(at: Date | null): string | null {
  return at?.toISOString() ?? null;
}

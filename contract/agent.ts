import * as z from 'zod';
import { laxInteger } from './numbers.ts';

/** Body of `POST /api/agent/register` (administrators). */
export const registerBody = z.object({
  name: z.string().trim().min(1).max(255),
  description: z.string().max(2000).nullish(),
  site_id: laxInteger.nullish(),
});
export type RegisterBody = z.output<typeof registerBody>;

/** The only answer that ever carries the key. */
export const registerAnswer = z.object({
  id: z.number().int(),
  name: z.string(),
  api_key: z.string(),
  site_id: z.number().int().nullable(),
  message: z.string(),
});
export type RegisterAnswer = z.output<typeof registerAnswer>;

/** Answer of `GET /api/agent/info`. Times are ISO 8601. */
export const infoAnswer = z.object({
  id: z.number().int(),
  name: z.string(),
  site_id: z.number().int().nullable(),
  description: z.string().nullable(),
  last_seen: z.string().nullable(),
  is_active: z.boolean(),
});

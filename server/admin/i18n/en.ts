import { agents } from './en/agents.ts';
import { base } from './en/base.ts';
import { fleet } from './en/fleet.ts';
import { people } from './en/people.ts';

/**
 * Every text of the admin UI. `{name}` is filled in by `t`; an object is a plural, chosen by `{n}`.
 * Russian (ru.ts) must have the same keys, or the type check fails.
 */
export const en = { ...base, ...fleet, ...agents, ...people } as const;

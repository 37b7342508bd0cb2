import { agents } from './ru/agents.ts';
import { base } from './ru/base.ts';
import { fleet } from './ru/fleet.ts';
import { people } from './ru/people.ts';
import type { en } from './en.ts';
import type { Russian } from './texts.ts';

export const ru: Russian<typeof en> = { ...base, ...fleet, ...agents, ...people };

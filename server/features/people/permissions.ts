/**
 * Who may call which route: the whole of it, in one place. A route under /api that is neither here nor public does
 * not start. Whether a caller passes is decided by `judge`; guard.ts applies it before a body is read.
 */

export const ROLES = ['admin', 'operator', 'viewer', 'accountant', 'client'] as const;
/**
 * admin: everything · operator: names, tags, containers, notes, acknowledgements · viewer, accountant: read ·
 * client: read what is granted to it. A viewer may be limited to what is granted to it, too.
 */
export type Role = (typeof ROLES)[number];

export interface Permission {
  /** Besides administrators, who pass everywhere. */
  roles: readonly Role[];
  /**
   * What callers limited to sites and containers meet. `granted`: they pass, and see what is granted to them.
   * `refused`: it speaks of everything, so they do not pass.
   */
  limited: 'granted' | 'refused';
  /** Only a person in a session: a token must not make, prolong or hide tokens and sessions. */
  sessionOnly?: true;
  /**
   * The password again, not longer ago than `CONFIRMED_MS`. `always`: in every session, whether its token comes as
   * cookie or as Bearer, since a stolen one can be sent as either. `browser`: of browsers only, on routes of the
   * replaced API, whose scripts keep the token of their login.
   */
  confirm?: 'always' | 'browser';
}

/** Who a request speaks for. */
export interface Caller {
  userId: number;
  username: string;
  /** As far as it counts here: a token may be bound to less than its user may. */
  role: Role;
  /** Sees only what is granted. */
  limited: boolean;
  /** `read`: a token that changes nothing. */
  scope: 'read' | 'write';
  /** The session, when it is one. */
  session: { id: number; confirmedAt: Date; byCookie: boolean } | null;
}

/** How long a password counts as just given. */
export const CONFIRMED_MS = 10 * 60_000;

const anyone: Permission = { roles: ROLES, limited: 'granted' };
const self: Permission = { ...anyone, sessionOnly: true };
const staff: Permission = { roles: ['operator', 'viewer', 'accountant'], limited: 'granted' };
/** Of the whole installation. */
const pipeline: Permission = { ...staff, limited: 'refused' };
const operator: Permission = { roles: ['operator'], limited: 'refused' };
const admin: Permission = { roles: [], limited: 'refused' };
const confirmed = { confirm: 'always' } as const;

export const PERMISSIONS: Readonly<Record<string, Permission>> = {
  'GET /api/auth/me': anyone,
  'GET /api/auth/session': anyone,
  'POST /api/auth/confirm': self,
  'POST /api/auth/password': self,
  'GET /api/auth/sessions': self,
  'DELETE /api/auth/sessions/:id': self,
  'GET /api/auth/tokens': self,
  'POST /api/auth/tokens': { ...self, ...confirmed },
  'DELETE /api/auth/tokens/:id': { ...self, ...confirmed },
  'GET /api/people': admin,
  'POST /api/people': { ...admin, ...confirmed },
  'PATCH /api/people/:id': { ...admin, ...confirmed },
  'GET /api/people/:id/sessions': admin,
  'DELETE /api/people/:id/sessions': { ...admin, ...confirmed },
  'GET /api/people/:id/tokens': admin,
  'DELETE /api/people/:id/tokens/:tokenId': { ...admin, ...confirmed },
  'GET /api/audit': admin,
  'GET /api/users': admin,
  'POST /api/users/:id/containers/:containerId': { ...admin, confirm: 'browser' },
  'DELETE /api/users/:id/containers/:containerId': { ...admin, confirm: 'browser' },

  'GET /api/sites': anyone,
  'POST /api/sites': admin,
  'GET /api/sites/:id': anyone,
  'PATCH /api/sites/:id': admin,
  'DELETE /api/sites/:id': admin,
  'GET /api/containers': anyone,
  'POST /api/containers': admin,
  'GET /api/containers/:id': anyone,
  'PATCH /api/containers/:id': operator,
  'DELETE /api/containers/:id': admin,
  'GET /api/pools': anyone,
  'POST /api/pools': admin,
  'GET /api/pools/:id': anyone,
  'DELETE /api/pools/:id': admin,
  'GET /api/miners': anyone,
  'POST /api/miners': admin,
  'GET /api/miners/latest': anyone,
  'GET /api/miners/tags': anyone,
  'GET /api/miners/manufacturers': anyone,
  'GET /api/miners/models/:manufacturer': anyone,
  'GET /api/miners/:id': anyone,
  'PUT /api/miners/:id': operator,
  'DELETE /api/miners/:id': admin,
  'GET /api/stats/miners/:id': anyone,
  'GET /api/stats/sites/:id': anyone,
  'GET /api/stats/containers/:id': anyone,
  'GET /api/stats/pools/:id': anyone,
  'GET /api/stats/overview': anyone,

  'GET /api/agents': staff,
  'GET /api/agents/:id': staff,
  'GET /api/agents/:id/scan': staff,
  'GET /api/agents/:id/scan/unknown': staff,
  'GET /api/install': staff,
  'PATCH /api/agents/:id': admin,
  'POST /api/agents/:id/retire': { ...admin, ...confirmed },
  'POST /api/agents/:id/restore': admin,
  'POST /api/agents/:id/keys': { ...admin, ...confirmed },
  'DELETE /api/agents/:id/keys/:keyId': { ...admin, ...confirmed },
  'POST /api/agent/register': { ...admin, confirm: 'browser' },

  'GET /api/fleet': anyone,
  'GET /api/fleet/sites': anyone,
  'GET /api/fleet/miners': anyone,
  'GET /api/fleet/miners/facets': anyone,
  'GET /api/fleet/miners/export': anyone,
  'POST /api/fleet/miners/change': operator,
  'GET /api/fleet/miners/:id': anyone,
  'PATCH /api/fleet/miners/:id': operator,
  'POST /api/fleet/miners/:id/merge': admin,
  'POST /api/fleet/miners/:id/retire': admin,
  'POST /api/fleet/miners/:id/restore': admin,
  'GET /api/fleet/agents/:id': staff,
  'GET /api/system': operator,
  'GET /api/problems': anyone,
  'POST /api/problems/acknowledge': operator,
  'POST /api/problems/unacknowledge': operator,

  'GET /api/ingest/pending': pipeline,
  'GET /api/ingest/gaps': pipeline,
  'GET /api/ingest/refusals': pipeline,
  'GET /api/ingest/quarantine': pipeline,
  'GET /api/ingest/quarantine/download': pipeline,
  'POST /api/ingest/quarantine/reinject': admin,
};

export type Verdict =
  | { pass: true }
  | { pass: false; why: 'role' | 'limited' | 'read_only' | 'session_only' | 'confirm' };

/** Whether `caller` may call a route; what its rows hold is for visibility.ts. */
export function judge(
  permission: Permission,
  caller: Caller,
  request: { reads: boolean; browser: boolean; now: Date },
): Verdict {
  const refuse = (why: Exclude<Verdict, { pass: true }>['why']) => ({ pass: false, why }) as const;
  if (caller.role !== 'admin' && !permission.roles.includes(caller.role)) return refuse('role');
  if (caller.limited && permission.limited === 'refused') return refuse('limited');
  if (caller.scope === 'read' && !request.reads) return refuse('read_only');
  if (permission.sessionOnly && caller.session === null) return refuse('session_only');
  const { session } = caller;
  const asks =
    permission.confirm === 'always' ||
    (permission.confirm === 'browser' && session?.byCookie === true && request.browser);
  if (asks && session && request.now.getTime() - session.confirmedAt.getTime() >= CONFIRMED_MS) {
    return refuse('confirm');
  }
  return { pass: true };
}

/** In words, for the table of routes and the refusal: "admin or operator". */
export function wordsOf({ roles }: Permission): string {
  if (roles.length === ROLES.length) return 'any user';
  return ['admin', ...roles].join(' or ');
}

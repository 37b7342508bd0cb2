/** One request to a device, as data. */
export type Ask = CgminerAsk | WhatsminerV3Ask | HttpAsk;

export interface CgminerAsk {
  via: 'cgminer';
  /** One command, or several joined with "+" (API ≥ 3.1, where the fork supports it). */
  command: string;
}

export interface WhatsminerV3Ask {
  via: 'whatsminer-v3';
  command: string;
  /** "summary", or several joined with "+". */
  param?: string;
}

export interface HttpAsk {
  via: 'http';
  method: 'GET' | 'POST';
  path: string;
  login: HttpLogin;
  /** A page is kept as text; everything else must be JSON of some kind. */
  page?: true;
}

/**
 * How a web server lets us read. `digest` and `none` need no state of their own; the others first make
 * a session: `luci` posts a form and keeps the cookie, `avalon` derives the cookie from the password.
 */
export type HttpLogin = 'none' | 'digest' | 'luci' | 'avalon';

export function rpc(command: string): CgminerAsk {
  return { via: 'cgminer', command };
}

export function v3(command: string, param?: string): WhatsminerV3Ask {
  return param === undefined
    ? { via: 'whatsminer-v3', command }
    : { via: 'whatsminer-v3', command, param };
}

export function get(path: string, login: HttpLogin = 'none'): HttpAsk {
  return { via: 'http', method: 'GET', path, login };
}

/** Name of the reply in `Replies`: "summary", "get.miner.status summary", "/cgi-bin/stats.cgi". */
export function replyName(ask: Ask): string {
  if (ask.via === 'cgminer') return ask.command;
  if (ask.via === 'http') return ask.path;
  return ask.param === undefined ? ask.command : `${ask.command} ${ask.param}`;
}

const PORTS: Record<Ask['via'], number> = { cgminer: 4028, 'whatsminer-v3': 4433, http: 80 };

/** Port the request goes to unless a family says otherwise. */
export function portOf(ask: Ask): number {
  return PORTS[ask.via];
}

/** For people: "4028 summary", "GET :80/cgi-bin/stats.cgi". */
export function describeAsk(ask: Ask): string {
  return ask.via === 'http'
    ? `${ask.method} :${portOf(ask)}${ask.path}`
    : `${portOf(ask)} ${replyName(ask)}`;
}

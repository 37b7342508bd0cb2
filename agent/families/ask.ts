/** One request to a device, as data. */
export type Ask = CgminerAsk | WhatsminerV3Ask | HttpAsk | LinesAsk;

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
  /** 80 unless said otherwise. */
  port?: number;
  /** Some vendors read by POST: a form, a GraphQL query. */
  body?: HttpBody;
  /** Name of the reply where the path alone does not tell two requests apart. */
  name?: string;
}

export interface HttpBody {
  type: 'application/json' | 'application/x-www-form-urlencoded';
  text: string;
}

/** Requests by id over one connection, a line of JSON each; the replies come as one object by id. */
export interface LinesAsk {
  via: 'lines';
  port: number;
  ids: readonly string[];
}

/**
 * How a web server lets us read. `digest` and `none` need no state of their own, `avalon` derives the
 * cookie from the password, the others first make a session.
 */
export type HttpLogin = 'none' | 'digest' | 'avalon' | SessionLogin;

/** A login that opens a session: one request with user and password, answered with what to send along. */
export interface SessionLogin {
  method: 'GET' | 'POST';
  /** Without query: with the method, what the allow-list names. */
  path: string;
  /** How the fields travel. */
  as: 'query' | 'form' | 'json';
  /** `{user}` and `{password}` stand for the login's own. */
  fields: Readonly<Record<string, string>>;
  /** Where the session is in the reply: a cookie of that name, or the text at that place of the JSON. */
  session: { cookie: RegExp } | { json: readonly (string | number)[] };
  /** How it is sent along: header and what stands before it. Cookies go as cookies. */
  header?: { name: string; prefix: string };
  /** Body of a 200 that means "log in first". */
  refused?: RegExp;
  /** Some builds serve the page to everybody: asked without a session until one is wanted. */
  lazy?: true;
  /** Some answer certain clients only. */
  userAgent?: string;
}

/** LuCI, the web interface of OpenWrt. */
export const LUCI: SessionLogin = {
  method: 'POST',
  path: '/cgi-bin/luci',
  as: 'form',
  fields: { luci_username: '{user}', luci_password: '{password}' },
  session: { cookie: /^sysauth/ },
};

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

export interface HttpOptions {
  login?: HttpLogin;
  port?: number;
  name?: string;
}

/** A GET with what `get` leaves out. */
export function getFrom(path: string, { login = 'none', ...options }: HttpOptions): HttpAsk {
  return { via: 'http', method: 'GET', path, login, ...options };
}

/** A read that the vendor made a POST: with a form, with JSON, or with nothing. */
export function post(
  path: string,
  body: HttpBody | null,
  { login = 'none', ...options }: HttpOptions = {},
): HttpAsk {
  return { via: 'http', method: 'POST', path, login, ...(body ? { body } : {}), ...options };
}

export function form(text: string): HttpBody {
  return { type: 'application/x-www-form-urlencoded', text };
}

export function json(value: unknown): HttpBody {
  return { type: 'application/json', text: JSON.stringify(value) };
}

export function lines(port: number, ids: readonly string[]): LinesAsk {
  return { via: 'lines', port, ids };
}

/** Name of the reply in `Replies`: "summary", "get.miner.status summary", "/cgi-bin/stats.cgi". */
export function replyName(ask: Ask): string {
  if (ask.via === 'cgminer') return ask.command;
  if (ask.via === 'http') return ask.name ?? ask.path;
  if (ask.via === 'lines') return `lines ${ask.port}`;
  return ask.param === undefined ? ask.command : `${ask.command} ${ask.param}`;
}

/** Port the request goes to. */
export function portOf(ask: Ask): number {
  if (ask.via === 'cgminer') return 4028;
  if (ask.via === 'whatsminer-v3') return 4433;
  return ask.port ?? 80;
}

/** For people: "4028 summary", "GET :80/cgi-bin/stats.cgi". */
export function describeAsk(ask: Ask): string {
  if (ask.via === 'lines') return `${ask.port} ${ask.ids.join(' ')}`;
  if (ask.via !== 'http') return `${portOf(ask)} ${replyName(ask)}`;
  const request = `${ask.method} :${portOf(ask)}${ask.path}`;
  return ask.name === undefined ? request : `${request} (${ask.name})`;
}

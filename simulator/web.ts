import type { IncomingHttpHeaders } from 'node:http';
import type { Device } from './device.ts';
import type { MinerState } from './miner-state.ts';

/** A request to a device's web server. */
export interface WebRequest {
  method: string;
  path: string;
  /** What follows the question mark; '' when nothing does. */
  query: string;
  body: string;
  headers: IncomingHttpHeaders;
}

export interface Page {
  body: string;
  /** 200 unless said. */
  status?: number;
  /** The server's own unless said. */
  contentType?: string;
  headers?: Readonly<Record<string, string>>;
}

/** A page of a model's web interface, its body where all else is usual; null when there is none under that path. */
export type WebPages = (
  device: Device,
  state: MinerState,
  path: string,
  query: string,
) => string | Page | null;

/** What a vendor's web server answers to a POST that only reads or logs in; null = it would write. */
export type WebPosts = (
  device: Device,
  state: MinerState,
  path: string,
  body: string,
) => string | Page | null;

/** A login that opens a session, and the pages that want one. */
export interface Session {
  user: string;
  password: string;
  /** User and password in a request to log in; null when it is another request. */
  credentials: (request: WebRequest) => { user: string; password: string } | null;
  granted: (token: string) => Page;
  refused: Page;
  /** Answer to a page asked for without a session. */
  wanted: Page;
  /** Where a request carries its session. */
  token: (request: WebRequest) => string | undefined;
  /** Pages that are shown to everybody. */
  isOpen: (path: string) => boolean;
}

export interface Web {
  pages: WebPages;
  posts?: WebPosts;
  contentType: string;
  /** Port when it is another than the farm's usual one. */
  port?: number;
  /** Digest realm; open to all without. */
  realm?: string;
  /** Of the user root; "root" unless the vendor thought of others. */
  passwords?: readonly string[];
  session?: Session;
}

type Credentials = Session['credentials'];

/** A login by POST of a form; in the query where the body is empty. */
export function formLogin(at: string, user: string, password: string): Credentials {
  return ({ method, path, body, query }) => {
    if (method !== 'POST' || path !== at) return null;
    const fields = new URLSearchParams(body === '' ? query : body);
    return { user: fields.get(user) ?? '', password: fields.get(password) ?? '' };
  };
}

/** A login by POST of JSON. */
export function jsonLogin(at: string, user: string, password: string): Credentials {
  return ({ method, path, body }) => {
    if (method !== 'POST' || path !== at) return null;
    const fields = jsonBody(body);
    return { user: String(fields[user]), password: String(fields[password]) };
  };
}

/** The members of a JSON body; none where it is no object. */
export function jsonBody(body: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

/** Value of a cookie. */
export function cookie(headers: IncomingHttpHeaders, name: string): string | undefined {
  return headers.cookie
    ?.split(/;\s*/)
    .find((pair) => pair.startsWith(`${name}=`))
    ?.slice(name.length + 1);
}

/** The token of `Authorization: Bearer …`. */
export function bearer({ headers }: WebRequest): string | undefined {
  return /^Bearer (.+)$/i.exec(headers.authorization ?? '')?.[1];
}

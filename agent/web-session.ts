import type { HttpBody, SessionLogin } from './families/ask.ts';
import type { Login } from './families/family.ts';
import { isRow } from './families/values.ts';
import { readJson } from './lenient-json.ts';
import type { Json } from './lenient-json.ts';
import type { HttpReply, HttpRequest } from './transports/http.ts';

/** The request that opens a session, with this user and password in it. */
export function sessionRequest(session: SessionLogin, login: Login): HttpRequest {
  const fields = Object.entries(session.fields).map(
    ([name, value]) => [name, filled(value, login)] as [string, string],
  );
  const { method, path } = session;
  const headers = agentOf(session);
  const encoded = new URLSearchParams(fields).toString();
  if (session.as === 'query') return { method, path: `${path}?${encoded}`, headers };
  return session.as === 'form'
    ? withBody(
        { method, path, headers },
        { type: 'application/x-www-form-urlencoded', text: encoded },
      )
    : withBody(
        { method, path, headers },
        { type: 'application/json', text: JSON.stringify(Object.fromEntries(fields)) },
      );
}

export function withBody(request: HttpRequest, body: HttpBody | undefined): HttpRequest {
  if (!body) return request;
  return {
    ...request,
    headers: { ...request.headers, 'content-type': body.type },
    body: body.text,
  };
}

function filled(value: string, login: Login): string {
  return value.replace('{user}', login.user).replace('{password}', login.password);
}

/** The session in the reply to a login; "" = none: the device has no such login, or refuses ours. */
export function sessionOf({ session }: SessionLogin, reply: HttpReply): string {
  if ('cookie' in session) return cookieOf(reply.headers['set-cookie'] ?? '', session.cookie);
  const read = readJson(reply.text);
  let value: Json | undefined = read.ok ? read.value : undefined;
  for (const key of session.json) {
    if (Array.isArray(value) && typeof key === 'number') value = value[key];
    else value = isRow(value) && typeof key === 'string' ? value[key] : undefined;
  }
  return typeof value === 'string' ? value : '';
}

/** What is sent along with every request of the session. */
export function sessionHeaders(login: SessionLogin, session: string): Record<string, string> {
  if (session === '') return agentOf(login);
  const { name, prefix } = login.header ?? { name: 'cookie', prefix: '' };
  return { [name]: prefix + session, ...agentOf(login) };
}

function agentOf({ userAgent }: SessionLogin): Record<string, string> {
  return userAgent === undefined ? {} : { 'user-agent': userAgent };
}

/** "name=value" of the cookie so named; several Set-Cookie headers come joined with commas. */
function cookieOf(header: string, name: RegExp): string {
  const cookies = header.split(/,\s*(?=[^;,\s]+=)/).map((cookie) => cookie.split(';')[0]!.trim());
  return cookies.find((cookie) => name.test(cookie)) ?? '';
}

import { expect, it } from 'vitest';
import type { SessionLogin } from './families/ask.ts';
import type { HttpReply } from './transports/http.ts';
import { sessionHeaders, sessionOf, sessionRequest } from './web-session.ts';

const login = { user: 'root', password: 'a&b=c' };
const json: SessionLogin = {
  method: 'POST',
  path: '/token',
  as: 'json',
  fields: { command: 'token', user: '{user}', password: '{password}' },
  session: { json: ['Token', 0, 'Token'] },
  header: { name: 'token', prefix: '' },
};
const query: SessionLogin = { ...json, method: 'GET', as: 'query', fields: { pwd: '{password}' } };
const form: SessionLogin = { ...json, as: 'form', session: { cookie: /^PHPSESSID/ } };

const reply = (text: string, headers: Record<string, string> = {}): HttpReply => ({
  status: 200,
  headers,
  text,
  truncated: false,
});

it('puts user and password where the vendor wants them, escaped', () => {
  expect(sessionRequest(query, login).path).toBe('/token?pwd=a%26b%3Dc');
  expect(sessionRequest(form, login)).toMatchObject({
    body: 'command=token&user=root&password=a%26b%3Dc',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
  });
  expect(sessionRequest(json, login).body).toBe(
    '{"command":"token","user":"root","password":"a&b=c"}',
  );
});

it('finds the session in a reply, and none where there is none', () => {
  expect(sessionOf(json, reply('{"Token":[{"Token":"abc"}]}'))).toBe('abc');
  expect(sessionOf(json, reply('{"Token":[]}'))).toBe('');
  expect(sessionOf(json, reply('<html>'))).toBe('');
  const cookies = 'lang=en; expires=Thu, 01 Jan 2032 00:00:00 GMT, PHPSESSID=xyz; path=/';
  expect(sessionOf(form, reply('', { 'set-cookie': cookies }))).toBe('PHPSESSID=xyz');
});

it('sends it along as the vendor wants it', () => {
  expect(sessionHeaders(json, 'abc')).toMatchObject({ token: 'abc' });
  const bearer = { ...json, header: { name: 'authorization', prefix: 'Bearer ' } };
  expect(sessionHeaders(bearer, 'abc')).toMatchObject({ authorization: 'Bearer abc' });
});

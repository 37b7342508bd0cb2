import { randomBytes } from 'node:crypto';
import type { CapturedSet } from './captured-set.ts';

/**
 * The logins of families whose pages want a session: what opens it, and what the vendor's web server
 * answers. A set whose notes speak of a session is served only to who has one.
 */
interface SessionServer {
  login: string;
  /** What must stand in the login's query or body: the vendor's default. */
  wants: string;
  answer: (token: string) => { headers?: Record<string, string>; text: string };
}

const cookie = (name: string) => (token: string) => ({
  headers: { 'set-cookie': `${name}=${token}; path=/; HttpOnly` },
  text: '{"error":0,"message":""}',
});

const SERVERS: Readonly<Record<string, SessionServer>> = {
  braiins: {
    login: 'POST /api/v1/auth/login',
    wants: '"username":"root","password":"root"',
    answer: (token) => ({ text: JSON.stringify({ token, timeout_s: 3600 }) }),
  },
  goldshell: {
    login: 'GET /user/login',
    wants: 'username=admin&password=123456789',
    answer: (token) => ({ text: JSON.stringify({ 'JWT Token': token }) }),
  },
  iceriver: {
    login: 'POST /user/loginpost',
    wants: 'user=admin&pwd=12345678',
    answer: cookie('JSESSIONID'),
  },
  innosilicon: {
    login: 'POST /api/auth',
    wants: 'username=admin&password=admin',
    answer: (token) => ({ text: JSON.stringify({ success: true, jwt: token }) }),
  },
  auradine: {
    login: 'POST /token',
    wants: '"user":"admin","password":"admin"',
    answer: (token) => ({
      text: JSON.stringify({ STATUS: [{ STATUS: 'S' }], Token: [{ Token: token }] }),
    }),
  },
  ebang: {
    login: 'POST /user/login',
    wants: 'username=admin&word=admin&yuyan=1',
    answer: cookie('PHPSESSID'),
  },
  obelisk: {
    login: 'POST /api/login',
    wants: '"username":"admin","password":"admin"',
    answer: cookie('sessionid'),
  },
  bitfury: {
    login: 'POST /api/login',
    wants: '"email":"admin","password":"admin"',
    answer: (token) => ({ text: JSON.stringify({ token }) }),
  },
  sealminer: {
    login: 'POST /cgi-bin/login.php',
    wants: 'seal',
    answer: cookie('PHPSESSID'),
  },
};

export interface Sessions {
  /** The answer to a login; null: this is none. */
  open: (method: string, url: string, body: string) => ReturnType<SessionServer['answer']> | null;
  /** Whether what was sent along names a session that was opened. */
  has: (headers: NodeJS.Dict<string | string[]>) => boolean;
}

export function sessionsOf(set: CapturedSet): Sessions {
  const server = SERVERS[set.family];
  const tokens: string[] = [];
  return {
    open: (method, url, body) => {
      const [path = '', query = ''] = url.split('?');
      if (server?.login !== `${method} ${path}` || !`${query}${body}`.includes(server.wants)) {
        return null;
      }
      const token = randomBytes(8).toString('hex');
      tokens.push(token);
      return server.answer(token);
    },
    has: (headers) => {
      const sent = JSON.stringify(headers);
      return tokens.some((token) => sent.includes(token));
    },
  };
}

export function needsSession(set: CapturedSet, { note }: { note: string }): boolean {
  return set.family in SERVERS && /(?:session|token|jwt|cookie).* from /i.test(note);
}

import { createHash } from 'node:crypto';
import type { UnreachableReason } from '#contract/miner.ts';
import type { DeviceMemory } from './device.ts';
import { describeAsk, portOf, replyName } from './families/ask.ts';
import type {
  Ask,
  CgminerAsk,
  HttpAsk,
  LinesAsk,
  SessionLogin,
  WhatsminerV3Ask,
} from './families/ask.ts';
import type { Login } from './families/family.ts';
import { row, rows } from './families/values.ts';
import { readJson } from './lenient-json.ts';
import type { LoginAttempts } from './logins.ts';
import type { Json } from './lenient-json.ts';
import type { Exchange, MinerContext } from './miner.ts';
import { assertAllowed } from './transports/allowed.ts';
import { askCgminer } from './transports/cgminer-tcp.ts';
import { askHttp, askHttpDigest } from './transports/http.ts';
import type { HttpOptions, HttpReply } from './transports/http.ts';
import type { Limits } from './transports/limits.ts';
import { askLines } from './transports/lines-tcp.ts';
import { readTextMode } from './transports/text-mode.ts';
import { toTransportError } from './transports/transport-error.ts';
import { askWhatsminerV3 } from './transports/whatsminer-v3-tcp.ts';
import { isTls, realPort } from './web-door.ts';
import { sessionHeaders, sessionOf, sessionRequest, withBody } from './web-session.ts';

/** Who is asked, and with what. */
export interface Target {
  host: string;
  memory: DeviceMemory;
  /** The vendor's default first, then the site's own. */
  logins: readonly Login[];
  attempts: LoginAttempts;
  /** Where its web server is. */
  web: number;
  context: MinerContext;
  /** Every request and its outcome, in order. */
  exchanges: Exchange[];
}

export type Answer =
  | { kind: 'reply'; value: Json; partial: boolean; raw: string }
  /** The device answered that it does not have this, or does not let us: E reply, 404. */
  | { kind: 'absent'; raw: string; detail: string }
  | { kind: 'failed'; reason: UnreachableReason; raw: string | null; detail: string };

/** Sends one request and reads the reply. Rejects on abort only. */
export async function askDevice(target: Target, ask: Ask, limits: Limits): Promise<Answer> {
  assertAllowed(ask);
  const started = performance.now();
  const answer = await attempt(target, ask, limits);
  target.exchanges.push({
    request: describeAsk(ask),
    durationMs: Math.round(performance.now() - started),
    reply: answer.raw,
    error: answer.kind === 'reply' ? null : answer.detail,
  });
  return answer;
}

async function attempt(target: Target, ask: Ask, limits: Limits): Promise<Answer> {
  try {
    if (ask.via === 'cgminer') return await overCgminer(target, ask, limits);
    if (ask.via === 'http') return await overHttp(target, ask, limits);
    if (ask.via === 'lines') return await overLines(target, ask, limits);
    return await overV3(target, ask, limits);
  } catch (error) {
    target.context.signal.throwIfAborted();
    const { reason, message } = toTransportError(error);
    return { kind: 'failed', reason, raw: null, detail: message };
  }
}

async function overCgminer(target: Target, ask: CgminerAsk, limits: Limits): Promise<Answer> {
  const { text, truncated } = await askCgminer({
    ...target.context.dial(target.host, portOf(ask)),
    // One string, one write; "command", because cgminer 4.9.2 refuses the spelling "cmd".
    request: target.memory.textMode ? ask.command : JSON.stringify({ command: ask.command }),
    limits,
    signal: target.context.signal,
  });
  const answer = understood(text, truncated);
  if (answer.kind !== 'reply') return answer;
  const refusal = cgminerRefusal(answer.value);
  return refusal === null ? answer : { kind: 'absent', raw: text, detail: refusal };
}

/** The message of an E or F reply of either envelope; null when it is no refusal. */
function cgminerRefusal(value: Json): string | null {
  const reply = row(value);
  const status = typeof reply['STATUS'] === 'string' ? reply : rows(reply['STATUS'])[0];
  const letter = status?.['STATUS'];
  if (letter !== 'E' && letter !== 'F') return null;
  return `refused: ${typeof status?.['Msg'] === 'string' ? status['Msg'] : 'no reason given'}`;
}

async function overV3(target: Target, ask: WhatsminerV3Ask, limits: Limits): Promise<Answer> {
  const { text, truncated } = await askWhatsminerV3({
    ...target.context.dial(target.host, portOf(ask)),
    request: JSON.stringify(
      ask.param === undefined ? { cmd: ask.command } : { cmd: ask.command, param: ask.param },
    ),
    limits,
    signal: target.context.signal,
  });
  const answer = understood(text, truncated);
  if (answer.kind !== 'reply') return answer;
  const { code } = row(answer.value);
  return typeof code === 'number' && code < 0
    ? { kind: 'absent', raw: text, detail: `refused: code ${code}` }
    : answer;
}

async function overHttp(target: Target, ask: HttpAsk, limits: Limits): Promise<Answer> {
  const { attempts, logins } = target;
  const wantsLogin = ask.login !== 'none' && logins.length > 0;
  let login = wantsLogin ? attempts.choose(logins, Date.now()) : null;
  // What was refused may be open all the same: a lazy login is not needed for every page.
  const isLazy = typeof ask.login === 'object' && ask.login.lazy === true;
  if (wantsLogin && login === null && !isLazy) {
    return { kind: 'failed', reason: 'auth', raw: null, detail: 'every login was refused lately' };
  }
  let reply = await requestPage(target, ask, login, limits);
  while (login !== null && isRefused(reply, ask)) {
    if (reply.status === 403 && attempts.works(login)) {
      return { kind: 'absent', raw: reply.text, detail: 'HTTP 403' };
    }
    attempts.refuse(login, Date.now());
    login = attempts.choose(logins, Date.now());
    if (login !== null) reply = await requestPage(target, ask, login, limits);
  }
  const raw = reply.text;
  if (isRefused(reply, ask)) {
    return { kind: 'failed', reason: 'auth', raw, detail: `HTTP ${reply.status}` };
  }
  if (login !== null && reply.status === 200) attempts.accept(login);
  if (reply.status !== 200) return { kind: 'absent', raw, detail: `HTTP ${reply.status}` };
  if (ask.page) return { kind: 'reply', value: raw, partial: reply.truncated, raw };
  return understood(raw, reply.truncated);
}

function isRefused({ status, text }: HttpReply, { login }: HttpAsk): boolean {
  if (status === 401 || status === 403) return true;
  // A page that wants a session sends who has none to the login.
  if (typeof login === 'object' && status >= 300 && status < 400) return true;
  // Some answer 200 with a login page or an error code; only the family knows.
  return typeof login === 'object' && status === 200 && (login.refused?.test(text) ?? false);
}

async function requestPage(
  target: Target,
  ask: HttpAsk,
  login: Login | null,
  limits: Limits,
): Promise<HttpReply> {
  const { memory } = target;
  const options = doorTo(target, ask, limits);
  const request = withBody({ method: ask.method, path: ask.path }, ask.body);
  if (ask.login === 'none' || login === null) return askHttp(options, request);
  if (ask.login === 'digest') return askHttpDigest(options, request, login, memory.digest);
  if (ask.login === 'avalon') {
    return askHttp(options, { ...request, headers: { cookie: avalonCookie(login) } });
  }
  return inSession(target, ask, ask.login, login, limits, (headers) =>
    askHttp(options, { ...request, headers: { ...request.headers, ...headers } }),
  );
}

/** Sends the request in the session at hand, or in a new one when that has ended. */
async function inSession(
  target: Target,
  ask: HttpAsk,
  how: SessionLogin,
  login: Login,
  limits: Limits,
  send: (headers: Record<string, string>) => Promise<HttpReply>,
): Promise<HttpReply> {
  const { sessions } = target.memory;
  const old = sessions.get(how.path) ?? (how.lazy ? '' : undefined);
  if (old !== undefined) {
    const reply = await send(sessionHeaders(how, old));
    if (!isRefused(reply, ask)) return reply;
    sessions.delete(how.path);
  }
  const session = await openSession(target, ask, how, login, limits);
  const reply = await send(sessionHeaders(how, session));
  // A refused one is no session; the next request would only repeat it.
  if (!isRefused(reply, ask)) sessions.set(how.path, session);
  return reply;
}

async function openSession(
  target: Target,
  ask: HttpAsk,
  how: SessionLogin,
  login: Login,
  limits: Limits,
): Promise<string> {
  const { method, path } = how;
  assertAllowed({ via: 'http', method, path, port: portOf(ask), login: 'none' });
  const reply = await askHttp(doorTo(target, ask, limits), sessionRequest(how, login));
  return sessionOf(how, reply);
}

/** Where the request goes, and how. */
function doorTo({ host, context, web }: Target, ask: HttpAsk, limits: Limits): HttpOptions {
  const port = realPort(ask, web);
  return { ...context.dial(host, port), tls: isTls(port), limits, signal: context.signal };
}

/** Avalon's web server wants a hash of the password as its cookie. */
function avalonCookie({ password }: Login): string {
  const hash = createHash('sha256').update(password).digest('hex').slice(0, 24);
  return `auth=ff0000ff${hash}`;
}

/** Several ids over one connection; those without a reply are missing, none at all is a failure. */
async function overLines(target: Target, ask: LinesAsk, limits: Limits): Promise<Answer> {
  const { text, replies, truncated } = await askLines({
    ...target.context.dial(target.host, ask.port),
    ids: ask.ids,
    limits,
    signal: target.context.signal,
  });
  if (Object.keys(replies).length > 0) {
    return { kind: 'reply', value: replies, partial: truncated, raw: text };
  }
  return { kind: 'failed', reason: 'not_understood', raw: text, detail: 'no line with an id' };
}

/** JSON of any kind, else text mode, else not understood. */
function understood(raw: string, truncated: boolean): Answer {
  const reading = readJson(raw);
  if (reading.ok) {
    return { kind: 'reply', value: reading.value, partial: reading.partial || truncated, raw };
  }
  const plain = readTextMode(raw);
  if (plain) return { kind: 'reply', value: plain, partial: truncated, raw };
  return {
    kind: 'failed',
    reason: reading.kind === 'empty' ? 'empty' : 'not_understood',
    raw,
    detail: `the reply is no JSON (${reading.kind})`,
  };
}

/** The parts of a joined reply by name, good ones only; null when the device did not join. */
export function splitJoined(ask: Ask, value: Json): [name: string, part: Json][] | null {
  if (ask.via === 'whatsminer-v3') return [[replyName(ask), value]];
  if (ask.via !== 'cgminer') return null;
  const reply = row(value);
  const commands = ask.command.split('+');
  if (!commands.some((command) => command in reply)) return null;
  return commands.flatMap((command) => {
    const [part] = rows(reply[command]);
    return part && cgminerRefusal(part) === null ? [[command, part] as [string, Json]] : [];
  });
}

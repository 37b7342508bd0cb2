import { setTimeout as sleep } from 'node:timers/promises';
import { askDevice } from './ask-device.ts';
import type { Answer, Target } from './ask-device.ts';
import { converse } from './converse.ts';
import { emptyMemory, rememberDevice } from './device.ts';
import { describeAsk, lines, portOf, replyName, rpc, v3 } from './families/ask.ts';
import { decode } from './families/decode.ts';
import { makeReplies } from './families/family.ts';
import type { Family } from './families/family.ts';
import { families, familyById } from './families/index.ts';
import type { Json } from './lenient-json.ts';
import type { IdentifyResult, KnownMiner, MinerContext } from './miner.ts';
import { loginAttempts, loginsFor } from './logins.ts';
import { emptyReading } from './reading.ts';
import { parseChallenge } from './transports/digest.ts';
import { askHttp } from './transports/http.ts';
import { DEFAULT_LIMITS } from './transports/limits.ts';
import { toTransportError } from './transports/transport-error.ts';
import { behind, isTls, WEB_DOORS } from './web-door.ts';

/**
 * Asked over 4028 until something names itself. Most devices do at the first; the rest is for forks
 * that refuse `version` or answer it without a name.
 */
const PROBES = [
  'version',
  'stats',
  'devdetails',
  'summary',
  'devs',
  'litestats',
  'pools',
  'status',
] as const;

const ASKED_PORTS: ReadonlySet<number> = new Set([4028, 80, 443, 4433, 4111]);

/** How long a stock verdict waits for the web page, which may name a custom firmware. */
const LATE_MS = 400;
const BUDGET_MS = 10_000;
const LIMITS = { ...DEFAULT_LIMITS, totalMs: 4_000 };

/** What the ports said. */
interface Evidence {
  /** Raw replies over 4028, in upper case. */
  cgminer: string[];
  web: { realm: string | null; location: string; body: string } | null;
  whatsminerV3: boolean;
  /** Lines of JSON on 4111. */
  lines: boolean;
  /** Ports that gave more than refusals. */
  answered: Set<number>;
}

/**
 * Finds out what answers at `host`, within a turn of it (turns.ts). At most one connection per port at a time; never
 * throws except on abort. What no family recognises comes back `unknown`, with everything that was heard.
 */
export async function identify(
  host: string,
  openPorts: readonly number[],
  context: MinerContext,
): Promise<IdentifyResult> {
  context.signal.throwIfAborted();
  const budget = AbortSignal.timeout(BUDGET_MS);
  const memory = { ...emptyMemory(), openPorts };
  const target: Target = {
    host,
    memory,
    logins: [],
    attempts: loginAttempts(host, context),
    web: WEB_DOORS.find((port) => openPorts.includes(port)) ?? 80,
    context: { ...context, signal: AbortSignal.any([context.signal, budget]) },
    exchanges: [],
  };
  const unknown: IdentifyResult = {
    kind: 'unknown',
    host,
    openPorts: [...openPorts],
    exchanges: target.exchanges,
  };
  const evidence: Evidence = {
    cgminer: [],
    web: null,
    whatsminerV3: false,
    lines: false,
    answered: new Set(),
  };
  const given = new Map<string, Json>();
  try {
    for (const verdict of await gather(target, openPorts, evidence, given)) {
      const known = await introduce(target, verdict, given);
      if (known) return { ...known, evidence: evidenceFor(verdict.family, evidence) };
    }
    if (evidence.web !== null && evidence.cgminer.length === 0) {
      const verdict = await knock(target, given);
      const known = verdict && (await introduce(target, verdict, given));
      if (known) return { ...known, evidence: [`${knockedAt(known)} names the machine`] };
    }
    return unknown;
  } catch (error) {
    context.signal.throwIfAborted();
    if (budget.aborted) return unknown;
    throw error;
  }
}

interface Verdict {
  family: Family;
  port: number;
}

/** Asks the open ports side by side and weighs what they say. */
async function gather(
  target: Target,
  openPorts: readonly number[],
  evidence: Evidence,
  given: Map<string, Json>,
): Promise<Verdict[]> {
  const done = new AbortController();
  const doors = WEB_DOORS.filter((port) => port !== 4433 && openPorts.includes(port));
  const web = doors.length > 0 ? probeWeb(target, doors, evidence, done.signal) : null;
  try {
    // One after the other, beside the web: never more than two connections to a device.
    const named = openPorts.includes(4028) ? await probeCgminer(target, evidence, given) : null;
    if (openPorts.includes(4433)) await probeV3(target, evidence, given);
    if (openPorts.includes(4111)) await probeLines(target, evidence);
    // Custom firmware answers as its base over 4028 and shows itself on the web.
    const conclusive = named !== null && !named.stock;
    if (web && !conclusive) await (named ? Promise.race([web, late(done.signal)]) : web);
    // No API 3 behind it: a web server with TLS, perhaps.
    if (evidence.answered.size === 0 && openPorts.includes(4433)) {
      await probeWeb(target, [4433], evidence, done.signal);
    }
    return weigh(evidence, target);
  } finally {
    done.abort();
    await web;
  }
}

async function late(signal: AbortSignal): Promise<void> {
  await sleep(LATE_MS, undefined, { signal }).catch(() => undefined);
}

/** The families for which anything speaks, in the order of the list, and the port to know each by. */
function weigh(evidence: Evidence, { memory, web }: Target): Verdict[] {
  const openPorts = memory.openPorts ?? [];
  const isOpen = (port: number): boolean =>
    openPorts.includes(port) || (evidence.web !== null && behind(port, web) === web);
  const verdicts = families.flatMap((family) => {
    if (!speaksFor(family, evidence)) return [];
    const ports = [...family.plans.keys()].filter((port) => isOpen(port) || port === family.readAt);
    // A port that only refuses is the last choice: Whatsminers can shut the API on 4028.
    const port =
      ports.find((candidate) => evidence.answered.has(candidate)) ??
      ports.find((candidate) => candidate === 4028 && evidence.cgminer.length > 0) ??
      // The page names a machine that is read by a port nobody has asked yet.
      ports.find((candidate) => !ASKED_PORTS.has(candidate));
    return port === undefined ? [] : [{ family, port }];
  });
  return verdicts.toSorted((a, b) => doubt(a.family, evidence) - doubt(b.family, evidence));
}

/** A page that several makes show weighs less than what the machine itself said over 4028. */
function doubt(family: Family, evidence: Evidence): number {
  if (family.make === null) return 2;
  return family.recognise.confirm && !speaksFor(family, { ...evidence, web: null }) ? 1 : 0;
}

/**
 * Some web servers show nothing of their maker at `/`. Where nothing else told, each family that has
 * such machines asks for the one page that names them.
 */
async function knock(target: Target, given: Map<string, Json>): Promise<Verdict | null> {
  for (const family of families) {
    const { knocks } = family.recognise;
    if (!knocks) continue;
    const answer = await askDevice(target, knocks.at, LIMITS);
    if (answer.kind === 'failed' && answer.raw === null) return null;
    if (answer.kind === 'reply' && knocks.says.test(answer.raw)) {
      given.set(replyName(knocks.at), answer.value);
      return { family, port: portOf(knocks.at) };
    }
  }
  return null;
}

const speaksFor = (family: Family, evidence: Evidence): boolean =>
  evidenceFor(family, evidence).length > 0;

/** What speaks for the family, one line each. */
function evidenceFor({ recognise }: Family, evidence: Evidence): string[] {
  const { web } = evidence;
  const words = recognise.cgminer?.filter((word) =>
    evidence.cgminer.some((said) => word.test(said)),
  );
  return [
    ...(words ?? []).map((word) => `4028: ${word.source}`),
    ...(recognise.whatsminerV3 === true && evidence.whatsminerV3 ? ['4433: API 3'] : []),
    ...(recognise.lines === true && evidence.lines ? ['4111: lines of JSON'] : []),
    ...(web?.realm != null && recognise.realm?.test(web.realm)
      ? [`web: realm "${web.realm}"`]
      : []),
    ...(web && recognise.page?.test(web.body) ? [`web: page says ${recognise.page.source}`] : []),
    ...(web && recognise.location?.test(web.location) ? [`web: sends to ${web.location}`] : []),
  ];
}

/** The page that told: the last one asked for. */
const knockedAt = ({ miner }: { miner: KnownMiner }): string =>
  describeAsk(familyById(miner.family)!.recognise.knocks!.at);

/** Down the list of probes until a family other than the fallback is named. */
async function probeCgminer(
  target: Target,
  evidence: Evidence,
  given: Map<string, Json>,
): Promise<Family | null> {
  let named: Family | null = null;
  for (const command of PROBES) {
    let answer = await askDevice(target, rpc(command), LIMITS);
    if (isSilence(answer) && command === 'version') {
      // Nothing, or no JSON: some builds read text only.
      target.memory.textMode = true;
      answer = await askDevice(target, rpc(command), LIMITS);
      if (answer.kind !== 'reply') target.memory.textMode = false;
    }
    if (answer.kind === 'failed' && answer.raw === null) {
      // A port that gave nothing will not name itself at the next probe.
      if (evidence.cgminer.length === 0) return null;
      continue;
    }
    if (answer.raw !== null && answer.kind !== 'failed') {
      evidence.cgminer.push(answer.raw.toUpperCase());
    }
    if (answer.kind === 'reply') {
      evidence.answered.add(4028);
      given.set(command, answer.value);
    }
    const speaksHttp = answer.kind === 'failed' && answer.raw?.startsWith('HTTP/') === true;
    if (speaksHttp) {
      // A web server on the cgminer port: its refusal is all there is to hear in this protocol.
      evidence.cgminer.push(answer.raw?.toUpperCase() ?? '');
      evidence.answered.add(4028);
    }
    named = families.find((family) => speaksFor(family, { ...evidence, web: null })) ?? null;
    if (speaksHttp || (named && named.make !== null)) return named;
  }
  return named;
}

function isSilence(answer: Answer): boolean {
  return answer.kind === 'failed' && ['empty', 'reset', 'not_understood'].includes(answer.reason);
}

async function probeV3(
  target: Target,
  evidence: Evidence,
  given: Map<string, Json>,
): Promise<void> {
  const answer = await askDevice(target, v3('get.device.info'), LIMITS);
  if (answer.kind === 'failed') return;
  evidence.whatsminerV3 = true;
  evidence.answered.add(4433);
  if (answer.kind === 'reply') given.set('get.device.info', answer.value);
}

async function probeLines(target: Target, evidence: Evidence): Promise<void> {
  const answer = await askDevice(target, lines(4111, ['info']), LIMITS);
  if (answer.kind !== 'reply') return;
  evidence.lines = true;
  evidence.answered.add(4111);
}

/** The page of the first of the doors that answers, and of the one with TLS behind it where it sends everybody there. */
async function probeWeb(
  target: Target,
  doors: readonly number[],
  evidence: Evidence,
  done: AbortSignal,
): Promise<void> {
  for (const door of doors) {
    if (await probeDoor(target, door, evidence, done)) break;
  }
  const { web } = evidence;
  if (web && /^https:/i.test(web.location) && !isTls(target.web)) {
    await probeDoor(target, 443, evidence, done);
    evidence.web = { ...evidence.web!, location: web.location };
  }
}

/** `GET /`: redirects are not followed, and a 401 is as good as a page. */
async function probeDoor(
  target: Target,
  door: number,
  evidence: Evidence,
  done: AbortSignal,
): Promise<boolean> {
  const { context, exchanges, host, memory } = target;
  const started = performance.now();
  const note = (reply: string | null, error: string | null) => {
    const durationMs = Math.round(performance.now() - started);
    exchanges.push({ request: `GET :${door}/`, durationMs, reply, error });
  };
  try {
    const reply = await askHttp(
      {
        ...context.dial(host, door),
        tls: isTls(door),
        limits: { ...LIMITS, maxBytes: 64 * 1024 },
        signal: AbortSignal.any([context.signal, done]),
      },
      { method: 'GET', path: '/' },
    );
    const challenge = reply.headers['www-authenticate'] ?? '';
    memory.digest.current = parseChallenge(challenge);
    target.web = door;
    evidence.answered.add(80).add(door);
    evidence.web = {
      realm: /realm="([^"]*)"/i.exec(challenge)?.[1] ?? null,
      location: reply.headers['location'] ?? '',
      body: reply.text,
    };
    const head = Object.entries(reply.headers).map(([name, value]) => `${name}: ${value}`);
    note([`HTTP ${reply.status}`, ...head, '', reply.text].join('\n'), null);
    return true;
  } catch (error) {
    if (!done.aborted && !context.signal.aborted) note(null, toTransportError(error).message);
    return false;
  }
}

/** Asks what hardly changes, so that the inventory knows make, model, MAC and versions from the start. */
async function introduce(
  target: Target,
  { family, port }: Verdict,
  given: Map<string, Json>,
): Promise<Extract<IdentifyResult, { kind: 'miner' }> | null> {
  const { host, memory, context, exchanges } = target;
  // Until it is sure whose page this is, only the vendor's default is shown to it, never the site's own password.
  const isSure = family.recognise.confirm === undefined;
  const logins = loginsFor(family, isSure ? context : { ...context, credentials: {} });
  const who: Target = { ...target, logins };
  const steps = family.plans.get(port) ?? [];
  const real = behind(port, target.web);
  const known = emptyReading().identity;
  const now = Date.now();
  const ask = async (rounds: ReadonlySet<'poll' | 'hour'>, from: Map<string, Json>) => {
    const conversation = await converse(who, {
      steps,
      known,
      port: real,
      rounds,
      given: from,
      now,
    });
    const replies = makeReplies(conversation.replies, known, true);
    return { conversation, replies, reading: decode(family, replies) };
  };

  let heard = await ask(new Set(['hour'] as const), given);
  const { confirm, confirmOn = [80] } = family.recognise;
  const proof = confirmOn.includes(port) ? confirm : undefined;
  if (heard.reading.identity.modelRaw === null || proof) {
    heard = await ask(new Set(['poll'] as const), heard.conversation.replies);
  }
  if (proof && !proof(heard.replies)) return null;
  memory.hourlyAt = now;
  memory.identifiedAt = now;
  return {
    kind: 'miner',
    miner: {
      host,
      port: real,
      ...(target.web === 80 ? {} : { web: target.web }),
      family: family.id,
      identity: heard.reading.identity,
      memory: rememberDevice(memory),
    },
    evidence: [],
    exchanges,
  };
}

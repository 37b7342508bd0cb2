import type { UnreachableReason } from '#contract/miner.ts';
import { askDevice, splitJoined } from './ask-device.ts';
import type { Target } from './ask-device.ts';
import { replyName, rpc, v3 } from './families/ask.ts';
import type { Ask } from './families/ask.ts';
import { makeReplies } from './families/family.ts';
import type { Replies, Step } from './families/family.ts';
import type { Json } from './lenient-json.ts';
import type { Identity } from './reading.ts';
import { DEFAULT_LIMITS } from './transports/limits.ts';
import type { Limits } from './transports/limits.ts';
import { realPort } from './web-door.ts';

/** What a round of requests brought. */
export interface Conversation {
  replies: Map<string, Json>;
  partial: boolean;
  /** One line per request that failed. */
  problems: string[];
  /** The first failure, when nothing at all was understood. */
  failure: { reason: UnreachableReason; detail: string } | null;
}

export interface ConversationOptions {
  steps: readonly Step[];
  known: Identity;
  /** Port the device is known by; others are optional. */
  port: number;
  /** Which requests: those of every poll, the hourly ones, or both. */
  rounds: ReadonlySet<Step['every']>;
  /** Replies already in hand, from the identification. */
  given?: Iterable<[string, Json]>;
  now: number;
}

/** A device that does not have a reply today may after an update. */
const ABSENT_FOR_MS = 60 * 60 * 1_000;
/** Everything one device may take of a cycle. */
const BUDGET_MS = 10_000;

/** Failures a second attempt may mend; a refused or silent port is left alone until the next poll. */
const WORTH_A_RETRY: ReadonlySet<UnreachableReason> = new Set(['reset', 'empty', 'not_understood']);
/** Failures of the connection: the same port will not answer the next request either. */
const DEAD: ReadonlySet<UnreachableReason> = new Set(['refused', 'timeout', 'unreachable']);

/** Works through a family's steps on one device, one request at a time. Rejects on abort only. */
export async function converse(
  target: Target,
  options: ConversationOptions,
): Promise<Conversation> {
  const { memory } = target;
  const portOf = (ask: Ask): number => realPort(ask, target.web);
  const deadline = performance.now() + BUDGET_MS;
  const replies = new Map<string, Json>(options.given);
  const deadPorts = new Set<number>();
  let partial = false;
  const problems: string[] = [];
  let failure: Conversation['failure'] = null;

  const polling = options.rounds.has('poll');
  const seen = (): Replies => makeReplies(replies, options.known, options.rounds.has('hour'));

  const isSkipped = (ask: Ask) =>
    replies.has(replyName(ask)) ||
    (portOf(ask) !== options.port && isShut(memory.openPorts, portOf(ask))) ||
    deadPorts.has(portOf(ask)) ||
    (memory.absent.get(replyName(ask)) ?? 0) > options.now;

  const askOnce = async (ask: Ask) => {
    const remainingMs = Math.ceil(deadline - performance.now());
    if (remainingMs <= 0) {
      problems.push(`${replyName(ask)}: no time left`);
      return null;
    }
    const limits: Limits = {
      ...DEFAULT_LIMITS,
      totalMs: Math.min(DEFAULT_LIMITS.totalMs, remainingMs),
    };
    let answer = await askDevice(target, ask, limits);
    if (answer.kind === 'failed' && WORTH_A_RETRY.has(answer.reason)) {
      answer = await askDevice(target, ask, limits);
    }
    if (answer.kind === 'reply') return answer;
    if (answer.kind === 'failed') {
      if (portOf(ask) === options.port) {
        failure ??= { reason: answer.reason, detail: `${replyName(ask)}: ${answer.detail}` };
      }
      if (DEAD.has(answer.reason)) deadPorts.add(portOf(ask));
    }
    return answer;
  };

  const askSingly = async (ask: Ask) => {
    const name = replyName(ask);
    if (isSkipped(ask)) return;
    const answer = await askOnce(ask);
    if (answer === null) return;
    if (answer.kind === 'reply') {
      replies.set(name, answer.value);
      partial ||= answer.partial;
      return;
    }
    // A device without a web server has all it can have.
    const hasNoServer = DEAD.has(answer.kind === 'failed' ? answer.reason : 'auth');
    if (answer.kind === 'absent' || (hasNoServer && portOf(ask) !== options.port)) {
      memory.absent.set(name, options.now + ABSENT_FOR_MS);
    } else problems.push(`${name}: ${answer.detail}`);
  };

  /** True when the join settled the step, for good or ill. */
  const askJoined = async (asks: readonly Ask[]): Promise<boolean> => {
    const joined = join(asks);
    const name = joined && replyName(joined);
    const markAbsent = (ask: Ask) => {
      if (ask.via === 'cgminer' && !replies.has(ask.command)) {
        memory.absent.set(ask.command, options.now + ABSENT_FOR_MS);
      }
    };
    if (!joined || !name || memory.textMode || memory.unjoinable.has(name)) return false;
    if (deadPorts.has(portOf(joined))) return true;
    const answer = await askOnce(joined);
    if (answer?.kind === 'reply') {
      const parts = splitJoined(joined, answer.value);
      for (const [part, value] of parts ?? []) replies.set(part, value);
      if (parts && !answer.partial) {
        for (const ask of asks) markAbsent(ask);
        return true;
      }
      // Cut short: what is missing is asked singly.
      if (parts) return false;
    }
    if (answer === null || (answer.kind === 'failed' && DEAD.has(answer.reason))) return true;
    memory.unjoinable.add(name);
    return false;
  };

  for (const [index, step] of options.steps.entries()) {
    const due = options.rounds.has(step.every) || (polling && memory.kept.has(index));
    if (!due || (step.when && !step.when(seen()))) continue;
    const wanted = step.ask.filter((ask) => !isSkipped(ask));
    if (wanted.length === 0) continue;
    // A host that does not even connect will not on its other ports; each would cost the wait again.
    if (replies.size === 0 && isGone(failure)) break;
    const settled = step.join && wanted.length > 1 ? await askJoined(wanted) : false;
    if (!settled) for (const ask of wanted) await askSingly(ask);
    if (step.keepWhen?.(seen())) memory.kept.add(index);
  }
  return { replies, partial, problems, failure: replies.size === 0 ? failure : null };
}

/** The scan tries 4028 and 80 of every host, other ports only where 4028 is shut. */
function isShut(openPorts: readonly number[] | null, port: number): boolean {
  if (openPorts === null || openPorts.includes(port)) return false;
  return port === 4028 || port === 80 || !openPorts.includes(4028);
}

function isGone(failure: Conversation['failure']): boolean {
  return failure?.reason === 'timeout' || failure?.reason === 'unreachable';
}

function join(asks: readonly Ask[]): Ask | null {
  const [head] = asks;
  if (asks.every((ask) => ask.via === 'cgminer')) {
    return rpc(asks.map((ask) => ask.command).join('+'));
  }
  if (head?.via === 'whatsminer-v3' && asks.every((ask) => ask.via === 'whatsminer-v3')) {
    return v3(head.command, asks.map((ask) => ask.param).join('+'));
  }
  return null;
}

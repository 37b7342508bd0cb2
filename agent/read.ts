import { converse } from './converse.ts';
import { memoryOf } from './device.ts';
import type { DeviceMemory } from './device.ts';
import { decode } from './families/decode.ts';
import { makeReplies } from './families/family.ts';
import { familyById } from './families/index.ts';
import type { Exchange, KnownMiner, MinerContext, ReadResult } from './miner.ts';
import { loginAttempts, loginsFor } from './logins.ts';
import { emptyReading } from './reading.ts';
import type { Identity, Reading } from './reading.ts';
import { planOf } from './web-door.ts';

const POLL = new Set(['poll'] as const);
const EVERYTHING = new Set(['poll', 'hour'] as const);
const HOUR_MS = 60 * 60 * 1_000;

/**
 * Reads one miner, within a turn of it (turns.ts): a few requests, each reply on its own, a failed one costing only its fields. Never
 * throws except on abort. What the device does (joins, silent commands) is kept in `miner.memory`,
 * what hardly changes (versions, addresses) in `miner.identity`.
 */
export async function readMiner(miner: KnownMiner, context: MinerContext): Promise<ReadResult> {
  context.signal.throwIfAborted();
  const started = performance.now();
  const exchanges: Exchange[] = [];
  const family = familyById(miner.family);
  const steps = family && planOf(family, miner.port);
  if (!family || !steps) {
    return {
      reachable: false,
      reason: 'not_understood',
      detail: `no family "${miner.family}" on port ${miner.port}`,
      durationMs: 0,
      exchanges,
    };
  }

  const memory = memoryOf(miner.memory);
  const now = Date.now();
  const hourly = memory.hourlyAt === null || now - memory.hourlyAt >= HOUR_MS + spread(miner.host);
  const target = {
    host: miner.host,
    memory,
    logins: loginsFor(family, context),
    attempts: loginAttempts(miner.host, context),
    web: miner.web ?? 80,
    context,
    exchanges,
  };
  const { replies, partial, problems, failure } = await converse(target, {
    steps,
    known: miner.identity,
    port: miner.port,
    rounds: hourly ? EVERYTHING : POLL,
    now,
  });
  const durationMs = Math.round(performance.now() - started);
  if (replies.size === 0) {
    const { reason, detail } = failure ?? {
      reason: 'not_understood' as const,
      detail: 'every request was refused',
    };
    return { reachable: false, reason, detail, durationMs, exchanges };
  }
  if (hourly) memory.hourlyAt = now;

  let reading = decode(family, makeReplies(replies, miner.identity, hourly));
  if (isAnotherDevice(miner.identity, reading)) {
    // Another machine behind the address: nothing of the old one's identity holds.
    reading = decode(family, makeReplies(replies, emptyReading().identity, true));
    memory.hourlyAt = null;
  }
  reading.quality.partial ||= partial || problems.length > 0;
  reading.quality.problems.push(...problems);
  miner.identity = reading.identity;
  reading.state.restarted = hasRestarted(memory, reading.state.uptimeS, now);
  memory.readAt = now;
  memory.uptimeS = reading.state.uptimeS ?? memory.uptimeS;
  return { reachable: true, reading, replies, durationMs, exchanges };
}

/** Clocks of miners are coarse, and a reading takes its time. */
const START_SLACK_S = 60;

/**
 * It runs for a shorter time than before, and has done so only since the last reading: an uptime that merely comes from
 * another place of another reply is no restart.
 */
function hasRestarted(
  { readAt, uptimeS: before }: DeviceMemory,
  uptimeS: number | null,
  now: number,
): boolean | null {
  if (uptimeS === null || before === null || readAt === null) return null;
  return uptimeS < before && uptimeS <= (now - readAt) / 1_000 + START_SLACK_S;
}

function isAnotherDevice(known: Identity, { identity }: Reading): boolean {
  return known.mac !== null && identity.mac !== null && known.mac !== identity.mac;
}

/** Up to ten minutes by address, so that a fleet's hourly requests do not fall into one cycle. */
function spread(host: string): number {
  let hash = 0;
  for (const char of host) hash = (hash * 31 + char.charCodeAt(0)) % 600_000;
  return hash;
}

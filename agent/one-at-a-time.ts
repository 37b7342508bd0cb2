import type { MinerContext } from './miner.ts';

/**
 * cgminer serves one request after another and small web servers fall over: at most one conversation
 * per device at a time, whoever starts it (poll, scan, probe). Kept by `dial`, which says what a host
 * is; callers make contexts of their own around it, with shorter signals.
 */
const tails = new WeakMap<MinerContext['dial'], Map<string, Promise<unknown>>>();

/** Runs `conversation` when every earlier one with `host` has ended. */
export async function oneAtATime<T>(
  host: string,
  context: MinerContext,
  conversation: () => Promise<T>,
): Promise<T> {
  let hosts = tails.get(context.dial);
  if (!hosts) {
    hosts = new Map();
    tails.set(context.dial, hosts);
  }
  const before = hosts.get(host);
  const mine = before ? before.then(conversation, conversation) : conversation();
  hosts.set(host, mine);
  try {
    return await mine;
  } finally {
    if (hosts.get(host) === mine) hosts.delete(host);
  }
}

import type { Lane } from '#contract/sync.ts';

/** What the first syncs after a start are taken to last, until some have been measured. */
const FIRST_GUESS_MS = 100;
/** Share of the newest measurement in the average: some twenty syncs tell a new story. */
const NEWEST = 0.1;
/** Backlogs get half of what the server can do, less when live batches leave less, and never nothing. */
const BACKLOG_SHARE = { least: 0.1, most: 0.5 };
/** More than this of what the server can do is not planned with: syncs do not come one by one. */
const PLANNED = 0.8;
/** The live batches of so long tell how many there are. */
const LIVE_RATE_MS = 60_000;
/** Live batches that were refused are called back one by one, not sooner and not later than this. */
const CALL_MS = { least: 1_000, most: 60_000 };
const BACKLOG_MS = { least: 50, most: 300_000 };
const LIVE_MS = { least: 200, most: 45_000 };
/** Live batches are spread over twice the time the server needs for them: the other half is for backlogs. */
const LIVE_SLACK = 2;
/** An agent heard within this time is one of those the next live batches come from. */
const LIVE_WINDOW_MS = 5 * 60_000;
/** A backlog that was told to wait this long or less, and did not come within twice that, has ended. */
const BACKLOG_WINDOW_MS = 60_000;
/** The lists of agents are gone through this often. */
const SWEEP_MS = 1_000;

/** How fast agents shall send, from how long syncs take here and how many agents send. */
export interface Pace {
  /** An agent came by this lane, let in or not. */
  heard(agentId: number, lane: Lane): void;
  /** An agent says whether it holds a backlog, before it sends any of it or when it has sent the last. */
  reported(agentId: number, hasBacklog: boolean): void;
  /** Agents that were there before this server was: all of them come back at once, with what they have held. */
  expected(agentIds: readonly number[]): void;
  /** A sync that was stored held its working place this long. */
  served(lane: Lane, ms: number): void;
  /** Within how many ms agents that poll in the same second shall send their live batches; 0: at once. */
  liveMs(): number;
  /** Between two backlog batches of an agent, ms. */
  backlogMs(): number;
  /** In how many ms a sync that was refused for lack of room shall come again. */
  retryMs(lane: Lane): number;
}

/** In memory: each server tells its pace from what it sees itself. `now` in ms. */
export function makePace(places: number, now: () => number): Pace {
  let serviceMs = FIRST_GUESS_MS;
  let sweptAt = Number.NEGATIVE_INFINITY;
  /** Agent → when it is no longer counted. */
  const heard: Record<Lane, Map<number, number>> = { live: new Map(), backlog: new Map() };

  /** Live batches stored a second, and when that was so. */
  let liveRate = { perSecond: 0, at: now() };
  /** The last live batch called back is expected then. */
  let calledUntil = Number.NEGATIVE_INFINITY;

  const perSecond = () => (places * 1000) / serviceMs;
  const livePerSecond = () => liveRate.perSecond * Math.exp((liveRate.at - now()) / LIVE_RATE_MS);
  const backlogPerSecond = () => {
    const { least, most } = BACKLOG_SHARE;
    const left = perSecond() * PLANNED - livePerSecond();
    return Math.min(Math.max(left, perSecond() * least), perSecond() * most);
  };
  const count = (agents: Map<number, number>): number => {
    const at = now();
    if (at - sweptAt >= SWEEP_MS) {
      sweptAt = at;
      for (const list of Object.values(heard)) {
        for (const [agent, until] of list) if (until <= at) list.delete(agent);
      }
    }
    return agents.size;
  };
  const backlogMs = () => {
    const wanted = (count(heard.backlog) / backlogPerSecond()) * 1000;
    return Math.round(Math.min(Math.max(wanted, BACKLOG_MS.least), BACKLOG_MS.most));
  };

  const heardBacklog = (agentId: number) => {
    const at = now();
    // Added first, so that it is among those its own pace is made for.
    heard.backlog.set(agentId, at + BACKLOG_WINDOW_MS);
    heard.backlog.set(agentId, at + Math.max(BACKLOG_WINDOW_MS, 2 * backlogMs()));
  };

  return {
    heard: (agentId, lane) => {
      heard.live.set(agentId, now() + LIVE_WINDOW_MS);
      if (lane === 'backlog') heardBacklog(agentId);
    },
    reported: (agentId, hasBacklog) => {
      if (hasBacklog) heardBacklog(agentId);
      else heard.backlog.delete(agentId);
    },
    expected: (agentIds) => {
      for (const id of agentIds) {
        heard.live.set(id, now() + LIVE_WINDOW_MS);
        heard.backlog.set(id, now() + BACKLOG_WINDOW_MS);
      }
    },
    served: (lane, ms) => {
      serviceMs += NEWEST * (Math.max(ms, 1) - serviceMs);
      if (lane === 'backlog') return;
      liveRate = { perSecond: livePerSecond() + 1000 / LIVE_RATE_MS, at: now() };
    },
    liveMs: () => {
      const wanted = (count(heard.live) / perSecond()) * 1000 * LIVE_SLACK;
      return wanted < LIVE_MS.least ? 0 : Math.round(Math.min(wanted, LIVE_MS.most));
    },
    backlogMs,
    retryMs: (lane) => {
      // A crowd that is told the same time is the same crowd again.
      if (lane === 'backlog') return backlogMs() * (1 + Math.random() / 2);
      const at = now();
      const wanted = Math.max(calledUntil, at + CALL_MS.least) + 1000 / (perSecond() * PLANNED);
      if (wanted > at + CALL_MS.most) return CALL_MS.most * (0.5 + Math.random() / 2);
      calledUntil = wanted;
      return wanted - at;
    },
  };
}

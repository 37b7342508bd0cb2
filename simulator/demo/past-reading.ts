import type { Board, Fan, Pool, Reading } from '../../agent/reading.ts';
import type { MinerTruth } from '../truth.ts';

/**
 * What the agent would have read when this was true, given a reading of a healthy miner of the same model: the
 * shape of that reading (what its firmware reports, and under which identity) with the values of then.
 */
export function pastReading(then: MinerTruth, seen: Reading): Reading {
  return {
    ...seen,
    hashrate: {
      nowThs: as(seen.hashrate.nowThs, then.hashrateThs),
      nowWindow: seen.hashrate.nowWindow,
      avgThs: as(seen.hashrate.avgThs, then.hashrateAvgThs),
      expectedThs: as(seen.hashrate.expectedThs, then.expectedThs),
    },
    boards: boardsOf(then, seen.boards),
    fans: then.fansRpm.slice(0, seen.fans.length).map((rpm, index): Fan => {
      const fan = seen.fans[index];
      return {
        slot: fan?.slot ?? index,
        rpm: as(fan?.rpm ?? null, Math.round(rpm)),
        percent: null,
      };
    }),
    pools: poolsOf(then, seen.pools),
    thermal: {
      chipMaxC: as(seen.thermal.chipMaxC, then.chipMaxC),
      boardMaxC: as(seen.thermal.boardMaxC, then.boardMaxC),
      envC: as(seen.thermal.envC, then.ambientC),
      fluidInC: null,
      fluidOutC: null,
    },
    power: { ...seen.power, watts: as(seen.power.watts, then.powerW) },
    shares: {
      accepted: as(seen.shares.accepted, then.accepted),
      rejected: as(seen.shares.rejected, then.rejected),
      stale: as(seen.shares.stale, then.stale),
      hwErrors: as(seen.shares.hwErrors, then.hwErrors),
      poolRejectedPercent: seen.shares.poolRejectedPercent === null ? null : rejectedPercent(then),
    },
    state: {
      mining: seen.state.mining === null ? null : then.mining,
      text: null,
      uptimeS: as(seen.state.uptimeS, then.uptimeS),
      restarted: null,
    },
    // What it complains of now is not what it complained of then.
    errors: [],
  };
}

/** What a firmware does not report stays unreported. */
function as(seen: number | null, value: number): number | null {
  return seen === null ? null : Math.round(value * 100) / 100;
}

function rejectedPercent({ accepted, rejected }: MinerTruth): number {
  return Number(((100 * rejected) / Math.max(1, accepted + rejected)).toFixed(4));
}

function boardsOf(then: MinerTruth, seen: readonly Board[]): Board[] {
  return then.boards.flatMap((board): Board[] => {
    const pattern = seen[board.index];
    if (pattern === undefined) return [];
    return [
      {
        ...pattern,
        hashrateThs: as(pattern.hashrateThs, board.hashrateThs),
        expectedThs: as(pattern.expectedThs, board.expectedThs),
        chips: as(pattern.chips, board.chips),
        chipsGood: as(pattern.chipsGood, board.chipsGood),
        boardTempsC: pattern.boardTempsC.length === 0 ? [] : [Math.round(board.boardTempC)],
        chipTempsC: pattern.chipTempsC.length === 0 ? [] : [Math.round(board.chipTempC)],
        frequencyMhz: as(pattern.frequencyMhz, board.frequencyMhz),
        voltageV: as(pattern.voltageV, board.voltageV),
        powerW: null,
        hwErrors: as(pattern.hwErrors, board.hwErrors),
        serial: pattern.serial === null ? null : board.serial,
      },
    ];
  });
}

function poolsOf(then: MinerTruth, seen: readonly Pool[]): Pool[] {
  return seen.map((pool, index) => {
    const past = then.pools[index];
    if (past === undefined) return pool;
    return {
      ...pool,
      user: past.user,
      alive: pool.alive === null ? null : past.alive,
      active: pool.active === null ? null : past.active,
      accepted: as(pool.accepted, past.accepted),
      rejected: as(pool.rejected, past.rejected),
      stale: as(pool.stale, past.stale),
    };
  });
}

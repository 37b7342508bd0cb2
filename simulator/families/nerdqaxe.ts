import type { Device } from '../device.ts';
import type { MinerState } from '../miner-state.ts';
import { espMinerInfo, SMALL_CORES } from './bitaxe.ts';

const ROOT =
  '<!doctype html><html lang="en"><head><title>NerdQAxe+</title></head><body><app-root></app-root></body></html>\n';

/** A fork of ESP-Miner for several chips: their temperatures, two fans, and the counters of each pool. */
export function nerdqaxePage(device: Device, state: MinerState, path: string): string | null {
  if (path === '/') return ROOT;
  return path === '/api/system/info' ? JSON.stringify(info(device, state)) : null;
}

function info(device: Device, state: MinerState): Record<string, unknown> {
  const chips = device.model.chipsPerBoard;
  const [inlet, outlet] = state.boards[0]?.chipTempsC ?? [0, 0];
  const percent = (rpm: number): number => Math.round((rpm / device.model.fanMaxRpm) * 100);
  return {
    ...espMinerInfo(device, state),
    // No expected rate is told: clients work it out of cores, chips and this.
    frequency: (device.ratedThs * 1e6) / (SMALL_CORES * chips),
    ASICModel: 'BM1370',
    asicCount: chips,
    deviceModel: device.model.type,
    asicTemps: Array.from(
      { length: chips },
      (_, chip) => inlet + ((outlet - inlet) * chip) / Math.max(1, chips - 1),
    ),
    temp: outlet,
    hostip: state.address,
    hashRate_1d: state.averageThs * 1e3,
    duplicateHWNonces: state.hwErrors,
    version: 'v1.0.35',
    fanCount: state.fansRpm.length,
    fans: state.fansRpm.map((rpm) => ({ rpm, speedPerc: percent(rpm) })),
    overheat_temp: 75,
    shutdown: state.activity === 'sleeping' || state.activity === 'overheated',
    stratum: {
      poolMode: 0,
      activePoolMode: 0,
      usingFallback: state.pools[0]?.active === false,
      pools: state.pools.slice(0, 2).map((pool) => ({
        connected: pool.active && pool.alive,
        poolDifficulty: device.shareDifficulty,
        accepted: pool.accepted,
        rejected: pool.rejected,
      })),
    },
  };
}

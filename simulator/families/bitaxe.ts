import { macWithColons } from '../c-format.ts';
import type { Device } from '../device.ts';
import type { MinerState } from '../miner-state.ts';

const ROOT =
  '<!doctype html><html lang="en"><head><title>AxeOS</title><base href="/"></head>' +
  '<body><app-root></app-root></body></html>';

/** AxeOS: the page of the application, and one reply with everything. Two pools, the first in use. */
export function bitaxePage(device: Device, state: MinerState, path: string): string | null {
  if (path === '/') return ROOT;
  if (path === '/api/system/info') return JSON.stringify(info(device, state), null, 0);
  if (path === '/api/system/asic') {
    return JSON.stringify({
      ASICModel: chipOf(device),
      deviceModel: device.model.model,
      asicCount: device.model.chipsPerBoard,
      defaultFrequency: device.model.frequencyMhz,
      frequencyOptions: [400, 490, 525, 550, 600, 625],
    });
  }
  return null;
}

/** Of a BM1370; each does a hash a cycle. */
export const SMALL_CORES = 2040;

/** "BM1370 602" → chip and revision of the board. */
const chipOf = ({ model }: Device) => model.type.split(' ')[0] ?? '';
const revisionOf = ({ model }: Device) => model.type.split(' ')[1] ?? '';

/** The way its configuration has it: host and port apart. */
const port = (url: string) => Number(url.split(':').at(-1));
const host = (url: string) => url.replace(/^.*\/\//, '').replace(/:\d+$/, '');

/** What ESP-Miner and its forks say alike. */
export function espMinerInfo(device: Device, state: MinerState): Record<string, unknown> {
  const { model } = device;
  const [board] = state.boards;
  const [one, two] = state.pools;
  return {
    power: state.powerW,
    temp: board?.chipTempsC[1] ?? -1,
    vrTemp: Math.round(board?.boardTempsC[1] ?? 0),
    hashRate: state.rateThs[5] * 1e3,
    hashRate_10m: state.rateThs[900] * 1e3,
    hashRate_1h: state.averageThs * 1e3,
    bestDiff: state.bestShare,
    coreVoltage: Math.round(model.voltageV * 1e3),
    coreVoltageActual: Math.round((board?.voltageV ?? 0) * 1e3),
    hostname: device.hostname,
    macAddr: macWithColons(device.mac),
    wifiStatus: 'Connected!',
    sharesAccepted: state.accepted,
    sharesRejected: state.rejected,
    uptimeSeconds: state.uptimeS,
    smallCoreCount: SMALL_CORES,
    ASICModel: chipOf(device),
    stratumURL: host(one?.url ?? ''),
    stratumPort: port(one?.url ?? ''),
    stratumUser: one?.user ?? '',
    fallbackStratumURL: host(two?.url ?? ''),
    fallbackStratumPort: port(two?.url ?? ''),
    fallbackStratumUser: two?.user ?? '',
    frequency: model.frequencyMhz,
    autofanspeed: 1,
    fanspeed: Math.round(((state.fansRpm[0] ?? 0) / model.fanMaxRpm) * 100),
    fanrpm: state.fansRpm[0] ?? 0,
  };
}

function info(device: Device, state: MinerState): Record<string, unknown> {
  return {
    ...espMinerInfo(device, state),
    voltage: 5120.3125,
    current: Math.round((state.powerW / 5.12) * 1e3),
    temp2: -1,
    maxPower: 40,
    nominalVoltage: 5,
    hashRate_1m: state.rateThs[60] * 1e3,
    expectedHashrate: device.ratedThs * 1e3,
    ipv4: state.address,
    sharesRejectedReasons: [],
    isUsingFallbackStratum: state.pools[0]?.active === false ? 1 : 0,
    actualFrequency: device.model.frequencyMhz,
    version: 'v2.12.0',
    axeOSVersion: 'v2.12.0',
    idfVersion: 'v5.5.1',
    boardVersion: revisionOf(device),
    fan2rpm: 0,
    overheat_mode: state.activity === 'overheated' ? 1 : 0,
    miningPaused: state.activity === 'sleeping',
    hashrateMonitor: {
      asics: [{ total: state.rateThs[5] * 1e3, domains: [], errorCount: state.hwErrors }],
    },
  };
}

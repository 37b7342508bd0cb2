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

/** "BM1370 602" → chip and revision of the board. */
const chipOf = ({ model }: Device) => model.type.split(' ')[0] ?? '';
const revisionOf = ({ model }: Device) => model.type.split(' ')[1] ?? '';

const port = (url: string) => Number(url.split(':').at(-1));
const host = (url: string) => url.replace(/^.*\/\//, '').replace(/:\d+$/, '');

function info(device: Device, state: MinerState): Record<string, unknown> {
  const { model } = device;
  const [board] = state.boards;
  const [one, two] = state.pools;
  const millivolts = Math.round((board?.voltageV ?? 0) * 1e3);
  return {
    power: state.powerW,
    voltage: 5120.3125,
    current: Math.round((state.powerW / 5.12) * 1e3),
    temp: board?.chipTempsC[1] ?? -1,
    temp2: -1,
    vrTemp: Math.round(board?.boardTempsC[1] ?? 0),
    maxPower: 40,
    nominalVoltage: 5,
    hashRate: state.rateThs[5] * 1e3,
    hashRate_1m: state.rateThs[60] * 1e3,
    hashRate_10m: state.rateThs[900] * 1e3,
    hashRate_1h: state.averageThs * 1e3,
    expectedHashrate: device.ratedThs * 1e3,
    bestDiff: state.bestShare,
    coreVoltage: Math.round(model.voltageV * 1e3),
    coreVoltageActual: millivolts,
    hostname: device.hostname,
    ipv4: state.address,
    macAddr: macWithColons(device.mac),
    wifiStatus: 'Connected!',
    sharesAccepted: state.accepted,
    sharesRejected: state.rejected,
    sharesRejectedReasons: [],
    uptimeSeconds: state.uptimeS,
    smallCoreCount: 2040,
    ASICModel: chipOf(device),
    stratumURL: host(one?.url ?? ''),
    stratumPort: port(one?.url ?? ''),
    stratumUser: one?.user ?? '',
    fallbackStratumURL: host(two?.url ?? ''),
    fallbackStratumPort: port(two?.url ?? ''),
    fallbackStratumUser: two?.user ?? '',
    isUsingFallbackStratum: one?.active === false ? 1 : 0,
    frequency: model.frequencyMhz,
    actualFrequency: model.frequencyMhz,
    version: 'v2.12.0',
    axeOSVersion: 'v2.12.0',
    idfVersion: 'v5.5.1',
    boardVersion: revisionOf(device),
    autofanspeed: 1,
    fanspeed: Math.round(((state.fansRpm[0] ?? 0) / model.fanMaxRpm) * 100),
    fanrpm: state.fansRpm[0] ?? 0,
    fan2rpm: 0,
    overheat_mode: state.activity === 'overheated' ? 1 : 0,
    miningPaused: state.activity === 'sleeping',
    hashrateMonitor: {
      asics: [{ total: state.rateThs[5] * 1e3, domains: [], errorCount: state.hwErrors }],
    },
  };
}

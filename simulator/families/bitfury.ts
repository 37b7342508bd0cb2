import { macWithColons } from '../c-format.ts';
import type { Device } from '../device.ts';
import type { MinerState } from '../miner-state.ts';
import { bearer, jsonLogin } from '../web.ts';
import type { Web } from '../web.ts';
import { intervals, poolInUse, slots } from './openminer.ts';

const numbered = String;

/** OpenMiner: one page with everything, behind a login by mail address. */
export const bitfuryWeb: Web = {
  contentType: 'application/json',
  session: {
    user: 'admin',
    password: 'admin',
    credentials: jsonLogin('/api/login', 'email', 'password'),
    granted: (token) => ({ body: `{"token":"${token}"}` }),
    refused: { body: '{"message":"Unauthorized"}', status: 401 },
    wanted: { body: '{"message":"Unauthorized"}', status: 401 },
    token: bearer,
    isOpen: (path) => path === '/',
  },
  pages: (device, state, path) => {
    if (path === '/') {
      return {
        contentType: 'text/html',
        body: '<!doctype html><html><head><title>OpenMiner</title></head><body><div id="root"></div></body></html>\n',
      };
    }
    return path === '/api/om/miner/stat/agg' ? JSON.stringify(statistics(device, state)) : null;
  },
};

function statistics(device: Device, state: MinerState) {
  const isOn = state.activity !== 'sleeping';
  const percent = Math.round(((state.fansRpm[0] ?? 0) / device.model.fanMaxRpm) * 100);
  return {
    pwr: {
      stateId: isOn ? 1 : 0,
      state: isOn ? 'FULL_PWER' : 'INITIAL_POWER',
      setVoltage: '50.900000',
      powerOn: isOn ? 1 : 0,
    },
    fansRpm: state.fansRpm,
    mac: macWithColons(device.mac).toLowerCase(),
    date: new Date(state.timeS * 1000).toISOString().slice(0, 19).replace('T', ' '),
    slots: slots(state, numbered),
    pool: poolInUse(device, state, numbered),
    versions: { minerDebug: '0', softwareVersion: '1.3.7', miner: 'v8.16.66' },
    hostname: device.hostname,
    temperatureFanCold: Math.round(state.ambientC),
    fans: Object.fromEntries(state.fansRpm.map((_, fan) => [String(fan), { power: percent }])),
    master: {
      upTime: state.uptimeS,
      boards: state.boards.filter(({ found }) => found).length,
      psuW: state.powerW.toFixed(1),
      boardsW: (state.powerW * 0.97).toFixed(1),
      intervals: intervals(state, numbered),
    },
  };
}

import { macWithColons } from '../c-format.ts';
import { hostOf } from '../cgminer-protocol.ts';
import type { Device } from '../device.ts';
import type { MinerState } from '../miner-state.ts';
import { cookie, jsonLogin } from '../web.ts';
import type { Web } from '../web.ts';
import { found, MHS } from './cgminer-fork.ts';

const ROOT =
  '<!doctype html><html lang="en"><head><title>Miner</title></head><body><div id="app"></div></body></html>\n';

/** The second generation: averages over five minutes, sensors of the air, one duty for all fans. */
export const obeliskWeb: Web = {
  contentType: 'application/json',
  session: {
    user: 'admin',
    password: 'admin',
    credentials: jsonLogin('/api/login', 'username', 'password'),
    granted: (token) => ({ body: '', headers: { 'Set-Cookie': `sessionid=${token}; Path=/` } }),
    refused: { body: '{"error":"Unauthorized"}', status: 401 },
    wanted: { body: '{"error":"Unauthorized"}', status: 401 },
    token: ({ headers }) => cookie(headers, 'sessionid'),
    isOpen: (path) => path === '/' || path === '/api/info',
  },
  pages: (device, state, path) => {
    switch (path) {
      case '/':
        return { body: ROOT, contentType: 'text/html' };
      case '/api/info':
        return JSON.stringify({
          macAddress: macWithColons(device.mac).toLowerCase(),
          ipAddress: state.address,
          model: device.model.type,
          vendor: 'Obelisk',
        });
      case '/api/status/dashboard':
        return JSON.stringify(dashboard(device, state));
      default:
        return null;
    }
  },
};

function dashboard(device: Device, state: MinerState) {
  return {
    hashboardStatus: found(state).map((board) => ({
      intakeTemp: Math.round(board.boardTempsC[0]),
      exhaustTemp: Math.round(board.boardTempsC[1]),
      hashrate5min: Number((state.rateThs[300] * board.share * MHS).toFixed(1)),
    })),
    poolStatus: state.pools.map((pool) => ({
      url: `${hostOf(pool.url)}:${pool.url.split(':').at(-1)}`,
      worker: pool.user,
      status: pool.alive ? 'Alive' : 'Dead',
      accepted: pool.accepted,
      rejected: pool.rejected,
    })),
    systemInfo: [
      { name: 'Uptime', value: duration(state.uptimeS) },
      {
        name: 'Fan Speed',
        value: Math.round(((state.fansRpm[0] ?? 0) / device.model.fanMaxRpm) * 100),
      },
    ],
  };
}

const duration = (seconds: number): string =>
  `${Math.floor(seconds / 86_400)} days, ${Math.floor(seconds / 3600) % 24}:${String(
    Math.floor(seconds / 60) % 60,
  ).padStart(2, '0')}`;

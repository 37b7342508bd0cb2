import { macWithColons } from '../c-format.ts';
import { POOL_PASSWORD } from '../device.ts';
import type { Device } from '../device.ts';
import type { MinerState } from '../miner-state.ts';
import { cookie, formLogin, jsonBody } from '../web.ts';
import type { Web } from '../web.ts';
import { found } from './cgminer-fork.ts';

const GHS = 1e3;
const gigahashes = (ths: number): string => `${(ths * GHS).toFixed(2)}G`;
const two = (value: number): string => String(Math.floor(value)).padStart(2, '0');

/** Days, hours, minutes, seconds. */
const runtime = (seconds: number): string =>
  [seconds / 86_400, (seconds / 3600) % 24, (seconds / 60) % 60, seconds % 60].map(two).join(':');

const software = ({ model }: Device): string => `ICM168_3_2_10_${model.type}_miner`;

/** Its page is one POST; which one, a form says. */
export const iceriverWeb: Web = {
  contentType: 'application/json',
  session: {
    user: 'admin',
    password: '12345678',
    credentials: formLogin('/user/loginpost', 'user', 'pwd'),
    granted: (token) => ({
      body: '{"error":0}',
      headers: { 'Set-Cookie': `sid=${token}; path=/` },
    }),
    refused: { body: '{"error":1,"msg":"wrong password"}' },
    wanted: { body: '{"error":1,"msg":"login"}' },
    token: ({ headers }) => cookie(headers, 'sid'),
    isOpen: (path) => path === '/',
  },
  pages: (_device, _state, path) =>
    path === '/'
      ? {
          contentType: 'text/html',
          body: '<!DOCTYPE html>\n<HTML><HEAD><TITLE>用户界面</TITLE></HEAD><BODY></BODY></HTML>\n',
        }
      : null,
  posts: (device, state, path, body) =>
    path === '/user/userpanel' && new URLSearchParams(body).get('post') === '4'
      ? JSON.stringify({ error: 0, data: panel(device, state), message: '' })
      : null,
};

/** Everything at once; model and algorithm are never named. */
function panel(device: Device, state: MinerState) {
  return {
    model: 'none',
    algo: 'none',
    online: true,
    firmver1: 'BOOT_3_1',
    firmver2: 'image_1.0',
    softver1: software(device),
    softver2: software(device),
    firmtype: 'Factory',
    nic: 'eth0',
    mac: macWithColons(device.mac).toLowerCase(),
    ip: state.address,
    netmask: '255.255.255.0',
    host: device.hostname,
    dhcp: true,
    // The IPv6 one follows without a space.
    gateway: '127.0.0.1fe80::1',
    dns: '127.0.0.1',
    locate: false,
    rtpow: gigahashes(state.rateThs[5]),
    avgpow: gigahashes(state.averageThs),
    reject: rejectRatio(state),
    runtime: runtime(state.uptimeS),
    unit: 'G',
    powstate: state.activity === 'hashing' || state.activity === 'starting',
    netstate: true,
    fanstate: state.fansRpm.every((rpm) => rpm > 0),
    tempstate: state.activity !== 'overheated',
    fans: state.fansRpm,
    pools: pools(device, state),
    boards: boards(state),
    refTime: new Date(state.timeS * 1000).toISOString().slice(0, 19).replace('T', ' '),
  };
}

function rejectRatio({ accepted, rejected }: MinerState): number {
  return accepted + rejected === 0 ? 0 : rejected / (accepted + rejected);
}

function pools(device: Device, state: MinerState) {
  return state.pools.map((pool) => ({
    no: pool.priority + 1,
    addr: pool.url,
    user: pool.user,
    pass: POOL_PASSWORD,
    connect: pool.alive ? 1 : -1,
    diff: `${(device.shareDifficulty / 1e9).toFixed(2)} G`,
    priority: pool.priority + 1,
    accepted: pool.accepted,
    rejected: pool.rejected,
    diffa: 0,
    diffr: 0,
    state: pool.active ? 1 : 0,
    lsdiff: 0,
    lstime: pool.active ? '00:00:02' : '00:00:00',
  }));
}

function boards(state: MinerState) {
  return found(state).map((board) => ({
    no: board.index + 1,
    chipnum: board.chips,
    chipsuc: board.chipsGood,
    error: 0,
    freq: board.frequencyMhz,
    rtpow: gigahashes(state.rateThs[5] * board.share),
    avgpow: gigahashes(state.averageThs * board.share),
    idealpow: '0.00G',
    tempnum: '(null)',
    pcbtemp: '0.00-0.00-0.00-0.00',
    intmp: Math.round(board.boardTempsC[0]),
    outtmp: Math.round(board.boardTempsC[1]),
    state: true,
    false: [],
  }));
}

/** Port 4111: an id a line, open to all. What is no read would write. */
export function answerLine(
  device: Device,
  state: MinerState,
  line: string,
): { reply: string; denied: string | null } {
  const { id } = jsonBody(line);
  const name = typeof id === 'string' ? id : '';
  const ret = lineOf(device, state, name);
  return {
    reply: JSON.stringify({ id: name, ret: ret === null ? { code: 1 } : { code: 0, ...ret } }),
    denied: ret === null && name !== '' ? name : null,
  };
}

function lineOf(device: Device, state: MinerState, id: string): Record<string, unknown> | null {
  const all = panel(device, state);
  const pick = (...keys: (keyof typeof all)[]) =>
    Object.fromEntries(keys.map((key) => [key, all[key]]));
  switch (id) {
    case 'info':
      return pick('softver1', 'softver2', 'firmver1', 'firmver2', 'model', 'algo');
    case 'fan':
      return pick('fans');
    case 'board':
      return pick('boards');
    case 'boardpow':
      return pick('rtpow', 'avgpow', 'reject', 'runtime', 'unit', 'powstate');
    case 'getnet':
      return pick('mac', 'ip', 'netmask', 'host', 'dhcp', 'dns');
    case 'getpool':
      return pick('pools');
    default:
      return null;
  }
}

import { f2, f4, f6, quoted } from '../c-format.ts';
import { CODE, envelope, hostOf, percent4, utility } from '../cgminer-protocol.ts';
import type { RpcDialect } from '../cgminer-protocol.ts';
import type { Device } from '../device.ts';
import type { MinerState, PoolState } from '../miner-state.ts';
import type { Dialect } from '../models.ts';
import { cookie, formLogin } from '../web.ts';
import type { Web } from '../web.ts';

const MHS = 1e6;
const DESCRIPTION = 'bdminer 4.11.1';
const FIRMWARE = '2025091001';

const reply = (
  state: MinerState,
  code: number,
  message: string,
  section: string,
  rows: readonly string[],
): string =>
  envelope({ whenS: state.timeS, code, message, description: DESCRIPTION }, section, rows);

/** bdminer: cgminer with one flat row of everything in `stats`. */
const dialect: RpcDialect = {
  description: DESCRIPTION,
  joins: true,
  acceptsCmd: false,
  privileged: new Set(['addpool', 'removepool', 'switchpool', 'restart', 'quit', 'ascset', 'save']),
  commands: {
    version: (_device, state) =>
      reply(state, CODE.version, 'BDMiner versions', 'VERSION', [
        '{"BDMiner":"4.11.1","API":"3.7"}',
      ]),
    summary: (_device, state) =>
      reply(state, CODE.summary, 'Summary', 'SUMMARY', [summaryRow(state)]),
    stats: (device, state) =>
      reply(state, CODE.stats, 'BDMiner stats', 'STATS', [statsRow(device, state)]),
    pools: (device, state) =>
      reply(
        state,
        CODE.pools,
        `${state.pools.length} Pool(s)`,
        'POOLS',
        state.pools.map((pool) => poolRow(device, state, pool)),
      ),
  },
};

export const sealminerDialects: Partial<Record<Dialect, RpcDialect>> = { sealminer: dialect };

function summaryRow(state: MinerState): string {
  const rate = (ths: number) => f2(ths * MHS);
  return (
    `{"Elapsed":${state.uptimeS},"MHS av":${rate(state.averageThs)},` +
    // The jobs of five seconds are too few for a rate: it is off by half and more.
    `"MHS 5s":${rate(state.rateThs[5] * 1.6)},"MHS 1m":${rate(state.rateThs[60] * 0.9)},` +
    `"MHS 5m":${rate(state.rateThs[300])},"MHS 15m":${rate(state.rateThs[900])},"Found Blocks":0,` +
    `"Accepted":${state.accepted},"Rejected":${state.rejected},"Hardware Errors":${state.hwErrors},` +
    `"Utility":${utility(state)},"Stale":${state.stale},"Best Share":${state.bestShare},` +
    `"Total MH":${f4(state.averageThs * MHS * state.uptimeS)},` +
    `"Pool Rejected%":${percent4(state.rejected, state.accepted + state.rejected)},` +
    `"Pool Stale%":${percent4(state.stale, state.accepted + state.stale)},"Last getwork":${state.timeS}}`
  );
}

const macOf = ({ mac }: Device): string => mac.replaceAll(/(..)(?=.)/g, '$1:');

function statsRow(device: Device, state: MinerState): string {
  const found = state.boards.filter((board) => board.found);
  const rated = found.reduce((sum, board) => sum + board.ratedThs, 0);
  const fields: Record<string, string> = {
    STATS: '0',
    ID: '"A20"',
    Elapsed: String(state.uptimeS),
    Model: quoted(device.model.type),
    MAC: quoted(macOf(device)),
    IP: quoted(state.address),
    Firmware: quoted(FIRMWARE),
    'Ctrl Board': '"taurus_air_v1.1"',
    'Ctrl Board SN': quoted(device.serial),
    'Board Count': String(device.model.boards),
    'Fan Count': String(device.model.fans),
    'Chip Count': String(found.reduce((sum, board) => sum + board.chips, 0)),
    'MHS(30s)': f6(state.rateThs[30] * MHS),
    'MHS(1m)': f6(state.rateThs[60] * MHS),
    'MHS(2m)': f6(state.rateThs[120] * MHS),
    'MHS(5m)': f6(state.rateThs[300] * MHS),
    'MHS(15m)': f6(state.rateThs[900] * MHS),
    'MHS(Avg)': f6(state.averageThs * MHS),
    'MHS(Ideal)': f6(rated * MHS),
    'MHS(Rated)': f6(rated * MHS),
    'Mining Mode': '"Normal"',
    'PM State': state.activity === 'sleeping' ? '"Sleeping"' : '"Running"',
    'PSU Input Power': String(state.powerW),
    'PSU Error': '"0x00000000"',
    'PSU Fan Speed': '4400',
    'Power Limit': String(device.model.powerW),
    'Error Code': '""',
    'System Uptime': String(state.uptimeS + 260),
  };
  for (const { index, ...board } of found) {
    const bad = board.chips - board.chipsGood;
    const [inC, outC] = board.boardTempsC;
    const [chipInC, chipOutC] = board.chipTempsC;
    Object.assign(fields, {
      [`${index} Chip Count`]: String(board.chips),
      [`${index} Bad Chip Count`]: String(bad),
      [`${index} Freq`]: String(board.frequencyMhz),
      [`${index} MHS(Ideal)`]: f6(board.ratedThs * MHS),
      [`${index} MHS(Sample)`]: f6(state.rateThs[60] * board.share * MHS),
      [`${index} Online`]: 'true',
      [`${index} SN`]: quoted(board.serial),
      [`${index} Temp 0`]: String(Math.round(inC)),
      [`${index} Temp 1`]: String(Math.round(outC)),
      [`${index} Temp 2`]: String(Math.round(chipInC)),
      [`${index} Temp 3`]: String(Math.round(chipOutC)),
      [`${index} Tune Status`]: '"Fine Tuning Done"',
    });
  }
  for (const [fan, rpm] of state.fansRpm.entries()) {
    // The number is the fan's, whatever board has the same.
    Object.assign(fields, { [`${fan} PWM`]: '112', [`${fan} Speed`]: String(rpm) });
  }
  return `{${Object.entries(fields)
    .map(([key, value]) => `"${key}":${value}`)
    .join(',')}}`;
}

function poolRow(device: Device, state: MinerState, pool: PoolState): string {
  return (
    `{"POOL":${pool.priority},"URL":${quoted(pool.url)},"Status":"${pool.alive ? 'Alive' : 'Dead'}",` +
    `"Priority":${pool.priority},"Quota":1,"Long Poll":"N","Accepted":${pool.accepted},` +
    `"Rejected":${pool.rejected},"Stale":${pool.stale},"User":${quoted(pool.user)},` +
    `"Last Share Time":${pool.active ? state.timeS : 0},"Proxy Type":"","Proxy":"",` +
    `"Has Stratum":true,"Stratum Active":${pool.active},` +
    `"Stratum URL":"${pool.active ? hostOf(pool.url) : ''}","Stratum Difficulty":${f2(device.shareDifficulty)},` +
    `"Pool Rejected%":${percent4(pool.rejected, pool.accepted + pool.rejected)}}`
  );
}

/** The page its owner sees; the login is a form, the session a cookie of PHP. */
export const sealminerWeb: Web = {
  contentType: 'application/json',
  session: {
    user: 'seal',
    password: 'seal',
    credentials: formLogin('/cgi-bin/login.php', 'username', 'origin_pwd'),
    granted: (token) => ({
      body: '{"result":"success"}',
      headers: { 'Set-Cookie': `PHPSESSID=${token}; path=/` },
    }),
    refused: { body: '{"result":"failed"}' },
    wanted: { body: '', status: 302, headers: { Location: '/login.html' } },
    token: ({ headers }) => cookie(headers, 'PHPSESSID'),
    isOpen: (path) => path === '/',
  },
  pages: (device, state, path) => {
    if (path === '/') {
      return {
        contentType: 'text/html',
        body: '<!doctype html><html><head><link rel="stylesheet" href="/css/amazeui.min.css"></head><body></body></html>\n',
      };
    }
    if (path !== '/cgi-bin/get_system_info.php') return null;
    return JSON.stringify({
      miner_type: device.model.type,
      macaddr: macOf(device),
      ipaddress: state.address,
      hostname: device.hostname,
      firmware_version: FIRMWARE,
      ctrl_version: 'taurus_air_v1.1',
      crtl_sn: device.serial,
    });
  },
};

import { macWithColons, quoted } from '../c-format.ts';
import { CODE, envelope } from '../cgminer-protocol.ts';
import type { RpcDialect } from '../cgminer-protocol.ts';
import type { Device } from '../device.ts';
import type { MinerState } from '../miner-state.ts';
import type { Page } from '../web.ts';
import type { Dialect } from '../models.ts';

const MHS = 1e6;
const DESCRIPTION = 'BOSer boser-buildroot 0.1.0-0c0ffee0';
export const RELEASE = '2025-04-22-0-0c0ffee0-25.03-plus';

/** Rows are printed by a JSON library: keys in order of the alphabet, numbers in full. */
const reply = (
  state: MinerState,
  code: number,
  message: string,
  section: string,
  rows: readonly object[],
) =>
  envelope(
    { whenS: state.timeS, code, message, description: DESCRIPTION },
    section,
    rows.map((row) => JSON.stringify(row)),
  );

const found = (state: MinerState) => state.boards.filter((board) => board.found);

/** Longer windows ramp up from nought after a start. */
const ramped = (state: MinerState, windowS: 300 | 900) =>
  state.rateThs[windowS] * Math.min(1, state.uptimeS / windowS) * MHS;

const limitW = (device: Device) => device.model.powerW;

export const braiinsDialects: Partial<Record<Dialect, RpcDialect>> = {
  braiins: {
    description: DESCRIPTION,
    joins: true,
    acceptsCmd: false,
    privileged: new Set(['addpool', 'removepool', 'switchpool', 'pause', 'resume']),
    commands: {
      version: (_device, state) =>
        reply(state, CODE.version, 'BOSer versions', 'VERSION', [
          { API: '3.7', BOSer: 'boser-buildroot 0.1.0-0c0ffee0' },
        ]),
      summary: (_device, state) =>
        reply(state, CODE.summary, 'Summary', 'SUMMARY', [
          {
            Accepted: state.accepted,
            'Best Share': state.bestShare,
            Elapsed: state.uptimeS,
            'Hardware Errors': state.hwErrors,
            'MHS 15m': ramped(state, 900),
            'MHS 1m': state.rateThs[60] * MHS,
            'MHS 5m': ramped(state, 300),
            'MHS 5s': state.rateThs[5] * MHS,
            'MHS av': state.averageThs * MHS,
            'Pool Rejected%': (100 * state.rejected) / Math.max(1, state.accepted + state.rejected),
            Rejected: state.rejected,
            Stale: state.stale,
          },
        ]),
      devs: (_device, state) => {
        const rows = found(state).map((board) => ({
          ASC: board.index,
          Enabled: 'Y',
          'Hardware Errors': board.hwErrors,
          ID: board.index + 1,
          'MHS 1m': state.rateThs[60] * board.share * MHS,
          'MHS 5s': state.rateThs[5] * board.share * MHS,
          'MHS av': state.averageThs * board.share * MHS,
          Name: '',
          'Nominal MHS': board.ratedThs * MHS,
          Status: board.chipsGood > 0 ? 'Alive' : 'Dead',
          Temperature: 0,
        }));
        return reply(state, CODE.devs, `${rows.length} ASC(s)`, 'DEVS', rows);
      },
      devdetails: (device, state) =>
        reply(
          state,
          CODE.devdetails,
          'Device Details',
          'DEVDETAILS',
          found(state).map((board) => ({
            Chips: board.chips,
            DEVDETAILS: board.index,
            Frequency: board.frequencyMhz * 1e6,
            ID: board.index + 1,
            Model: `Bitmain ${device.model.type}`,
            Name: `Hash Chain ${board.index + 1}`,
            Voltage: board.voltageV,
          })),
        ),
      temps: (_device, state) =>
        reply(
          state,
          201,
          `${found(state).length} Temp(s)`,
          'TEMPS',
          found(state).map((board) => ({
            Board: board.boardTempsC[1],
            Chip: board.chipTempsC[1],
            ID: board.index + 1,
            TEMP: board.index,
          })),
        ),
      fans: (_device, state) =>
        reply(
          state,
          202,
          '4 Fan(s)',
          'FANS',
          state.fansRpm.map((rpm, fan) => ({ FAN: fan, ID: fan, RPM: rpm, Speed: 70 })),
        ),
      tunerstatus: (device, state) =>
        reply(state, 203, 'Tuner Status', 'TUNERSTATUS', [
          {
            ApproximateMinerPowerConsumption: state.powerW,
            PowerLimit: limitW(device),
            TunerChainStatus: found(state).map((board) => ({
              ApproximatePowerConsumptionWatt: Math.round(state.powerW * board.share),
              HashchainIndex: board.index + 1,
              Status: 'Stable',
            })),
          },
        ]),
      pools: (device, state) =>
        reply(
          state,
          CODE.pools,
          `${state.pools.length} Pool(s)`,
          'POOLS',
          state.pools.map((pool) => ({
            Accepted: pool.accepted,
            AsicBoost: true,
            'Last Share Difficulty': device.shareDifficulty,
            POOL: pool.priority,
            Priority: pool.priority,
            Quota: 1,
            Rejected: pool.rejected,
            Stale: pool.stale,
            Status: pool.alive ? 'Alive' : 'Dead',
            'Stratum Active': pool.active,
            'Stratum URL': pool.url.replace('stratum+tcp://', ''),
            URL: pool.url,
            User: pool.user,
          })),
        ),
    },
  },
};

export function braiinsPage(device: Device, _state: MinerState, path: string): string | null {
  if (path === '/') {
    return '<!doctype html><html><head><title>Braiins OS</title></head><body></body></html>\n';
  }
  return path === '/cgi-bin/luci/admin/network/iface_status/lan'
    ? `[{"macaddr":${quoted(macWithColons(device.mac))}}]`
    : null;
}

/** The one mutation that changes nothing. */
const LOGIN = /^\s*mutation\b[^{]*\{\s*auth\s*\{\s*login\b/;

const SESSION = { 'Set-Cookie': 'sysauth=0c0ffee0; path=/' };

/** GraphQL, answered in full whatever of it is asked, and the login of LuCI. */
export function braiinsPost(
  device: Device,
  state: MinerState,
  path: string,
  body: string,
): string | Page | null {
  if (path === '/cgi-bin/luci') return { body: '', headers: SESSION };
  const query = path === '/graphql' ? queryOf(body) : null;
  if (query !== null && LOGIN.test(query)) {
    return {
      body: '{"data":{"auth":{"login":{"void":"void"}}}}',
      headers: { 'Set-Cookie': 'session_id=0c0ffee0; path=/; HttpOnly' },
    };
  }
  if (query === null || /^\s*mutation/.test(query)) return null;
  return JSON.stringify({
    data: {
      bos: {
        hostname: device.hostname,
        faultLight: false,
        info: { version: { full: RELEASE } },
        uptime: { durationS: state.uptimeS },
      },
      bosminer: { info: minerInfo(device, state) },
      events: { appeals: [] },
    },
  });
}

/** What is asked; nothing where the body is no JSON. */
function queryOf(body: string): string | null {
  try {
    const { query } = JSON.parse(body) as { query?: unknown };
    return typeof query === 'string' ? query : null;
  } catch {
    return null;
  }
}

function minerInfo(device: Device, state: MinerState) {
  return {
    modelName: device.model.type,
    fans: state.fansRpm.map((rpm, fan) => ({ name: String(fan), rpm, speed: 70 })),
    summary: { power: { approxConsumptionW: state.powerW, limitW: limitW(device) } },
    workSolver: {
      nominalMhs: found(state).reduce((sum, board) => sum + board.ratedThs * MHS, 0),
      realHashrate: { mhs5S: state.rateThs[5] * MHS },
      childSolvers: found(state).map((board) => ({
        name: String(board.index + 1),
        nominalMhs: board.ratedThs * MHS,
        realHashrate: { mhs5S: state.rateThs[5] * board.share * MHS },
        hwDetails: {
          chips: board.chips,
          frequencyMhz: board.frequencyMhz,
          voltageV: board.voltageV,
          hbSerialNumber: board.serial,
        },
        temperatures: [
          { name: 'Max Board', degreesC: board.boardTempsC[1] },
          { name: 'Max Chip', degreesC: board.chipTempsC[1] },
        ],
      })),
    },
    poolGroups: [
      {
        name: 'default',
        pools: state.pools.map((pool) => ({
          url: pool.url,
          user: pool.user,
          status: pool.alive ? 'ALIVE' : 'DEAD',
          active: pool.active,
          shares: { acceptedSolutions: pool.accepted, rejectedSolutions: pool.rejected },
        })),
      },
    ],
  };
}

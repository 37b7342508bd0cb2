import { f0, f2, macWithColons, quoted } from '../c-format.ts';
import { CODE, envelope, hostOf, percent4, utility } from '../cgminer-protocol.ts';
import type { RpcDialect } from '../cgminer-protocol.ts';
import type { Device } from '../device.ts';
import type { BoardState } from '../board-state.ts';
import type { MinerState } from '../miner-state.ts';
import type { Dialect } from '../models.ts';
import { idealThs } from './antminer-stats.ts';

const GHS = 1000;
const MHS = 1e6;
const RELEASE = '2025.7.15.101500';
const DESCRIPTION = `LUXminer ${RELEASE}-0c0ffee0`;
const COMPILED = 'Tue Jul 15 10:15:00 UTC 2025';

const reply = (state: MinerState, code: number, message: string, section: string, rows: string[]) =>
  envelope({ whenS: state.timeS, code, message, description: DESCRIPTION }, section, rows);

const found = (state: MinerState) => state.boards.filter((board) => board.found);

const sensors = ([inlet, outlet]: readonly [number, number]) =>
  `"TopLeft":${outlet.toFixed(1)},"TopRight":${inlet.toFixed(1)},"BottomLeft":${outlet.toFixed(1)},"BottomRight":${inlet.toFixed(1)}`;

const corner = (side: string, row: string) => `{"Label":"Board ${side} (${row})"}`;
const METADATA =
  `"METADATA":[{"TopLeft":${corner('Exhaust', 'top')},"TopRight":${corner('Intake', 'top')},` +
  `"BottomLeft":${corner('Exhaust', 'bottom')},"BottomRight":${corner('Intake', 'bottom')}}],`;

/** Answers on 4028 alone; the board of the middle connector comes last in `devs`. */
export const luxosDialects: Partial<Record<Dialect, RpcDialect>> = {
  luxos: {
    description: DESCRIPTION,
    joins: true,
    acceptsCmd: false,
    privileged: new Set(['logon', 'curtail', 'profileset', 'rebootdevice', 'addpool', 'ledset']),
    commands: {
      version: (device, state) =>
        reply(state, CODE.version, 'LUXminer versions', 'VERSION', [
          `{"API":"3.7","CompileTime":"${COMPILED}","LUXminer":"${RELEASE}-0c0ffee0","Miner":"${RELEASE}","Type":"${device.model.type}"}`,
        ]),
      summary: (device, state) =>
        reply(state, CODE.summary, 'Summary', 'SUMMARY', [summaryRow(device, state)]),
      stats: (device, state) =>
        reply(state, CODE.stats, 'LUXminer stats', 'STATS', [
          `{"CompileTime":"${COMPILED}","Miner":"${RELEASE}","Type":"${device.model.type}"}`,
          statsRow(device, state),
        ]),
      devs: (_device, state) => {
        const rows = found(state).map((board) => devRow(state, board));
        return reply(state, CODE.devs, `${rows.length} ASC(s)`, 'DEVS', rows.toReversed());
      },
      temps: (_device, state) =>
        reply(
          state,
          201,
          `${found(state).length} Temp(s)`,
          'TEMPS',
          found(state).map(
            ({ index, boardTempsC }) => `{"ID":${index},"TEMP":${index},${sensors(boardTempsC)}}`,
          ),
        ).replace('{', `{${METADATA}`),
      fans: (_device, state) =>
        reply(
          state,
          202,
          `${state.fansRpm.length} Fan(s)`,
          'FANS',
          state.fansRpm.map(
            (rpm, fan) => `{"FAN":"FAN${fan + 1}","ID":${fan},"RPM":${Math.round(rpm)},"Speed":70}`,
          ),
        ),
      power: (_device, state) =>
        reply(state, 311, 'Power usage', 'POWER', [`{"PSU":false,"Watts":${state.powerW}}`]),
      config: (device, state) =>
        reply(state, 33, 'LUXminer config', 'CONFIG', [
          `{"ControlBoardType":"cvitek","CurtailMode":"${state.activity === 'sleeping' ? 'Sleep' : 'None'}",` +
            `"DHCP":true,"Hostname":${quoted(device.hostname)},"IPAddr":"${state.address}",` +
            `"MACAddr":"${macWithColons(device.mac).toLowerCase()}","Model":"${device.model.type}",` +
            `"NameplateTHS":${device.model.hashrateThs},"OS":"LuxOS","Profile":"default","RedLed":"auto",` +
            `"SerialNumber":"${device.serial}","SystemStatus":"Normal"}`,
        ]),
      profiles: (device, state) =>
        reply(state, 312, 'Profiles', 'PROFILES', [
          `{"Frequency":${device.model.frequencyMhz},"Hashrate":${device.model.hashrateThs},"IsDynamic":false,"IsTuned":false,"Profile Name":"default","Step":"0","Voltage":${device.model.voltageV},"Watts":${device.model.powerW}}`,
        ]),
      events: (_device, state) => reply(state, 357, 'Miner Events', 'EVENTS', []),
      groups: (_device, state) =>
        reply(state, 324, 'List groups', 'GROUPS', ['{"GROUP":0,"Name":"default","Quota":1.0}']),
      pools: (device, state) =>
        reply(
          state,
          CODE.pools,
          `${state.pools.length} Pool(s)`,
          'POOLS',
          state.pools.map(
            (pool) =>
              `{"Accepted":${pool.accepted},"AsicBoost":true,"Diff":"${device.shareDifficulty}","GROUP":0,"POOL":${pool.priority},` +
              `"Priority":${pool.priority},"Quota":1.0,"Rejected":${pool.rejected},"Stale":${pool.stale},` +
              `"Status":"${pool.alive ? 'Alive' : 'Dead'}","Stratum Active":${pool.active},"Stratum URL":"${hostOf(pool.url)}",` +
              `"URL":${quoted(pool.url)},"User":${quoted(pool.user)}}`,
          ),
        ),
    },
  },
};

function summaryRow(_device: Device, state: MinerState): string {
  return (
    `{"Accepted":${state.accepted},"Best Share":${state.bestShare},"Discarded":0,"Elapsed":${state.uptimeS},` +
    `"GHS 5s":${f2(state.rateThs[5] * GHS)},"GHS 1m":${f2(state.rateThs[60] * GHS)},"GHS 5m":${f2(state.rateThs[300] * GHS)},` +
    `"GHS 15m":${f2(state.rateThs[900] * GHS)},"GHS 30m":${f2(state.rateThs[1800] * GHS)},"GHS av":${f2(state.averageThs * GHS)},` +
    `"Hardware Errors":${state.hwErrors},"Pool Rejected%":${percent4(state.rejected, state.accepted + state.rejected)},` +
    `"Rejected":${state.rejected},"Stale":${state.stale},"Utility":${utility(state)}}`
  );
}

function statsRow(device: Device, state: MinerState): string {
  const chains = Array.from({ length: 4 }, (_, index) => chainFields(state, index)).join(',');
  const fans = state.fansRpm.map((rpm, fan) => `"fan${fan + 1}":${Math.round(rpm)}`).join(',');
  return (
    `{"Elapsed":${state.uptimeS},"GHS 5s":${f2(state.rateThs[5] * GHS)},"GHS av":${f2(state.averageThs * GHS)},` +
    `"ID":"BTM_SOC0","Mode":2,"STATS":0,${chains},${fans},"fan_num":${state.fansRpm.length},` +
    `"frequency":${device.model.frequencyMhz},"miner_count":${found(state).length},"rate_unit":"GH",` +
    `"total_rateideal":${f2(idealThs(state) * GHS)}}`
  );
}

const quad = ([inlet, outlet]: readonly [number, number]) =>
  `"${f0(outlet)}-${f0(inlet)}-${f0(inlet)}-${f0(outlet)}"`;

/** The fourth chain is a connector without a board, written with noughts. */
function chainFields(state: MinerState, index: number): string {
  const board = state.boards[index];
  const n = index + 1;
  if (!board?.found) {
    return `"chain_acn${n}":0,"chain_acs${n}":"","chain_hw${n}":0,"chain_rate${n}":"0","freq${n}":0.0,"temp_chip${n}":"0-0-0-0","temp_pcb${n}":"0-0-0-0"`;
  }
  const { boardTempsC, chipTempsC } = board;
  const health = 'o'.repeat(board.chipsGood) + 'x'.repeat(board.chips - board.chipsGood);
  return (
    `"chain_acn${n}":${board.chips},"chain_acs${n}":" ${health}","chain_hw${n}":${board.hwErrors},` +
    `"chain_rate${n}":"${f2(state.rateThs[5] * board.share * GHS)}","freq${n}":${board.frequencyMhz.toFixed(1)},` +
    `"temp_chip${n}":${quad(chipTempsC)},"temp_pcb${n}":${quad(boardTempsC)}`
  );
}

function devRow(state: MinerState, board: BoardState): string {
  return (
    `{"ASC":${board.index},"Board":"BHB42601","Connector":"J${board.index + 7}","Enabled":"Y","Hardware Errors":${board.hwErrors},` +
    `"ID":${board.index},"IsUserShutdown":false,"MHS 5s":${state.rateThs[5] * board.share * MHS},` +
    `"MHS av":${state.averageThs * board.share * MHS},"Nominal MHS":${board.ratedThs * MHS},"Profile":"default",` +
    `"SerialNumber":"${board.serial}","Status":"${board.chipsGood > 0 ? 'Alive' : 'Dead'}","Temperature":${board.boardTempsC[1].toFixed(1)}}`
  );
}

import { f2, f4, f6, f8, macWithColons, quoted, ratio2 } from '../c-format.ts';
import { CODE, envelope, percent4, shareFields, utility } from '../cgminer-protocol.ts';
import type { RpcDialect } from '../cgminer-protocol.ts';
import { hostOf } from '../cgminer-protocol.ts';
import type { Device } from '../device.ts';
import type { MinerState, PoolState } from '../miner-state.ts';
import type { Dialect } from '../models.ts';
import { avalonVersion, mmString } from './avalon-mm.ts';

const MHS = 1e6;
const DESCRIPTION = 'cgminer 4.11.1';

/** The board has no clock of its own: time counts from power-on. */
function whenS(state: MinerState): number {
  return state.uptimeS + 11;
}

function makeDialect(dialect: Dialect): RpcDialect {
  const reply = (
    state: MinerState,
    code: number,
    message: string,
    section: string,
    rows: readonly string[],
  ): string =>
    envelope({ whenS: whenS(state), code, message, description: DESCRIPTION }, section, rows);
  const stats = (device: Device, state: MinerState): string =>
    reply(state, CODE.stats, 'CGMiner stats', 'STATS', [
      machineRow(device, state),
      ...state.pools.map((pool) => poolStatsRow(device, state, pool)),
    ]);

  return {
    description: DESCRIPTION,
    joins: dialect === 'avalon-10',
    acceptsCmd: false,
    privileged: new Set(['ascset', 'restart', 'quit', 'setpool', 'addpool', 'switchpool', 'save']),
    whenS,
    commands: {
      version: (device, state) =>
        reply(state, CODE.version, 'CGMiner versions', 'VERSION', [versionRow(device)]),
      summary: (device, state) =>
        reply(state, CODE.summary, 'Summary', 'SUMMARY', [summaryRow(device, state)]),
      devs: (device, state) => reply(state, CODE.devs, '1 ASC(s)', 'DEVS', [devRow(device, state)]),
      devdetails: (_device, state) =>
        reply(state, CODE.devdetails, 'Device Details', 'DEVDETAILS', [
          '{"DEVDETAILS":0,"Name":"AVA10","ID":0,"Driver":"avalon10","Kernel":"","Model":"","Device Path":""}',
        ]),
      pools: (device, state) =>
        reply(
          state,
          CODE.pools,
          `${state.pools.length} Pool(s)`,
          'POOLS',
          state.pools.map((pool) => poolRow(device, state, pool)),
        ),
      stats,
      estats: stats,
    },
  };
}

export const avalonDialects: Partial<Record<Dialect, RpcDialect>> = {
  'avalon-10': makeDialect('avalon-10'),
  'avalon-12': makeDialect('avalon-12'),
  'avalon-15': makeDialect('avalon-15'),
};

function versionRow(device: Device): string {
  const { firmware, prod, hwtype, swtype } = avalonVersion(device);
  return (
    `{"CGMiner":"4.11.1","API":"3.7","STM8":"20.08.01","PROD":"${prod}",` +
    `"MODEL":"${prod.replace('AvalonMiner ', '')}","HWTYPE":"${hwtype}","SWTYPE":"${swtype}",` +
    `"VERSION":"${firmware}","LOADER":"d0d779de.00","DNA":"${device.serial}","MAC":"${device.mac}","UPAPI":"2"}`
  );
}

/** Average since the start; before the first second of work C divides nought by nought. */
function average(state: MinerState): string {
  return ratio2(state.averageThs * MHS * state.uptimeS, state.uptimeS < 5 ? 0 : state.uptimeS);
}

function rates(state: MinerState): string {
  return (
    `"MHS av":${average(state)},"MHS 30s":${f2(state.rateThs[30] * MHS)},` +
    `"MHS 1m":${f2(state.rateThs[60] * MHS)},"MHS 5m":${f2(state.rateThs[300] * MHS)},` +
    `"MHS 15m":${f2(state.rateThs[900] * MHS)}`
  );
}

function summaryRow(device: Device, state: MinerState): string {
  return (
    `{"Elapsed":${state.uptimeS},${rates(state)},"Found Blocks":0,` +
    `"Getworks":${Math.floor(state.uptimeS / 30)},"Accepted":${state.accepted},"Rejected":${state.rejected},` +
    `"Hardware Errors":${state.hwErrors},"Utility":${utility(state)},"Discarded":0,"Stale":${state.stale},` +
    `"Get Failures":0,"Local Work":${state.accepted * 70},"Remote Failures":0,` +
    `"Network Blocks":${Math.floor(state.uptimeS / 600)},` +
    `"Total MH":${f4(state.averageThs * MHS * state.uptimeS)},` +
    `"Work Utility":${f2((state.averageThs * 1e12 * 60) / 2 ** 32)},${shareFields(device, state)},` +
    `"Best Share":${state.bestShare},"Device Hardware%":0.0000,` +
    `"Device Rejected%":${percent4(state.rejected, state.accepted + state.rejected)},` +
    `"Pool Rejected%":${percent4(state.rejected, state.accepted + state.rejected)},` +
    `"Pool Stale%":${percent4(state.stale, state.accepted + state.stale)},"Last getwork":0}`
  );
}

/** The whole machine is one device; its own temperature field has never been wired up. */
function devRow(device: Device, state: MinerState): string {
  return (
    `{"ASC":0,"Name":"AVA10","ID":0,"Enabled":"Y","Status":"Alive","Temperature":-273.00,${rates(state)},` +
    `"Accepted":${state.accepted},"Rejected":${state.rejected},"Hardware Errors":${state.hwErrors},` +
    `"Utility":${utility(state)},"Last Share Pool":0,"Last Share Time":${state.uptimeS},` +
    `"Total MH":${f4(state.averageThs * MHS * state.uptimeS)},"Diff1 Work":0,` +
    `"Difficulty Accepted":${f8(state.accepted * device.shareDifficulty)},` +
    `"Difficulty Rejected":${f8(state.rejected * device.shareDifficulty)},` +
    `"Last Share Difficulty":${f8(device.shareDifficulty)},"Last Valid Work":${whenS(state)},` +
    `"Device Hardware%":0.0000,` +
    `"Device Rejected%":${percent4(state.rejected, state.accepted + state.rejected)},` +
    `"Device Elapsed":${state.uptimeS}}`
  );
}

const CALLS = `"Calls":0,"Wait":${f6(0)},"Max":${f6(0)},"Min":${f6(99_999_999)}`;

function machineRow(device: Device, state: MinerState): string {
  return (
    `{"STATS":0,"ID":"AVA100","Elapsed":${state.uptimeS},${CALLS},"MM ID0":${quoted(mmString(device, state))},` +
    `"MM Count":1,"Smart Speed":1,"Voltage Level Offset":0,"Nonce Mask":25}`
  );
}

function poolStatsRow(device: Device, state: MinerState, pool: PoolState): string {
  const difficulty = f8(pool.active ? device.shareDifficulty : 0);
  return (
    `{"STATS":${pool.priority + 1},"ID":"POOL${pool.priority}","Elapsed":${state.uptimeS},${CALLS},` +
    `"Pool Calls":0,"Pool Attempts":0,"Pool Wait":${f6(0)},"Pool Max":${f6(0)},"Pool Min":${f6(99_999_999)},` +
    `"Pool Av":${f6(0)},"Work Had Roll Time":false,"Work Can Roll":false,"Work Had Expire":false,` +
    `"Work Roll Time":0,"Work Diff":${difficulty},"Min Diff":${difficulty},"Max Diff":${difficulty},` +
    `"Times Sent":${pool.accepted + 4},"Bytes Sent":${pool.accepted * 170 + 600},` +
    `"Times Recv":${pool.accepted * 2 + 6},"Bytes Recv":${pool.accepted * 300 + 4000}}`
  );
}

function poolRow(device: Device, state: MinerState, pool: PoolState): string {
  const difficulty = device.shareDifficulty;
  const now = f8(pool.active ? difficulty : 0);
  return (
    `{"POOL":${pool.priority},"URL":${quoted(pool.url)},"Status":"${pool.alive ? 'Alive' : 'Dead'}",` +
    `"Priority":${pool.priority},"Quota":1,"Long Poll":"N","Getworks":${Math.floor(state.uptimeS / 30)},` +
    `"Accepted":${pool.accepted},"Rejected":${pool.rejected},"Works":${pool.accepted * 70},"Discarded":0,` +
    `"Stale":${pool.stale},"Get Failures":${pool.alive ? 0 : 2},"Remote Failures":0,` +
    `"User":${quoted(pool.user)},"Last Share Time":${pool.active ? state.uptimeS : 0},"Diff1 Shares":0,` +
    `"Proxy Type":"","Proxy":"","Difficulty Accepted":${f8(pool.accepted * difficulty)},` +
    `"Difficulty Rejected":${f8(pool.rejected * difficulty)},"Difficulty Stale":${f8(pool.stale * difficulty)},` +
    `"Last Share Difficulty":${now},"Work Difficulty":${now},"Has Stratum":true,` +
    `"Stratum Active":${pool.active},"Stratum URL":"${hostOf(pool.url)}","Stratum Difficulty":${now},` +
    `"Has Vmask":true,"Has GBT":false,"Best Share":${pool.active ? state.bestShare : 0},` +
    `"Pool Rejected%":${percent4(pool.rejected, pool.accepted + pool.rejected)},` +
    `"Pool Stale%":${percent4(pool.stale, pool.accepted + pool.stale)},"Bad Work":0,` +
    `"Current Block Height":882586,"Current Block Version":536870912}`
  );
}

/** A page of the web interface: JSONP with a comma too many. Null when there is no such page. */
export function avalonPage(device: Device, state: MinerState, path: string): string | null {
  const { firmware, prod } = avalonVersion(device);
  const mac = macWithColons(device.mac).toLowerCase();
  const idle = state.activity === 'sleeping' || state.activity === 'overheated';
  switch (path) {
    case '/':
      return '<!DOCTYPE html>\r\n<html lang="en">\r\n<head><title>Avalon Device</title></head>\r\n<body></body>\r\n</html>\r\n';
    case '/get_minerinfo.cgi':
      return `minerinfoCallback({"version":"${firmware}","mac":"${mac}", "ipv4":"${state.address}", "hwtype":"${prod}", "sys_status":"1", });`;
    case '/updatedashboard.cgi': {
      const active = state.pools.find((pool) => pool.active);
      const minutes = Math.floor(state.uptimeS / 60);
      return (
        `DashboardCallback({"version":"${firmware}","mac":"${mac}", "ipv4":"${state.address}", ` +
        `"elapsed":"${Math.floor(minutes / 60)} h ${minutes % 60} m ${state.uptimeS % 60} s", ` +
        `"av":"${f2(state.averageThs)}", "url":"${active?.url ?? ''}", "worker":"${active?.user ?? ''}", ` +
        `"accepted":"${state.accepted}", "reject":"${state.rejected}", ` +
        `"temperature":"${Math.round(state.ambientC)}°C / ${Math.round(state.ambientC * 1.8 + 32)}°F", ` +
        `"hwtype":"${prod}", "hash_5m":"${f2(state.rateThs[300])}", ` +
        `"sys_status":"Work: In ${idle ? 'Idle' : 'Work'}, Hash Board: ${state.boards.filter((board) => board.found).length} ", }); ` +
        'UpdatePageCallback({"pageId":"dashboard"});'
      );
    }
    default:
      return null;
  }
}

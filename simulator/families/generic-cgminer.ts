import { f2, f4, f8, quoted } from '../c-format.ts';
import { CODE, envelope, hostOf, percent4, shareFields, utility } from '../cgminer-protocol.ts';
import type { RpcDialect } from '../cgminer-protocol.ts';
import type { Device } from '../device.ts';
import type { BoardState } from '../board-state.ts';
import type { MinerState, PoolState } from '../miner-state.ts';
import type { Dialect } from '../models.ts';

const MHS = 1e6;
const DESCRIPTION = 'cgminer 4.12.1';

const reply = (
  state: MinerState,
  code: number,
  message: string,
  section: string,
  rows: readonly string[],
): string =>
  envelope({ whenS: state.timeS, code, message, description: DESCRIPTION }, section, rows);

/** Plain cgminer with a driver nobody has heard of: no model, no MAC, one device per board. */
const dialect: RpcDialect = {
  description: DESCRIPTION,
  joins: true,
  acceptsCmd: false,
  privileged: new Set(['addpool', 'switchpool', 'restart', 'quit', 'ascset', 'save', 'zero']),
  commands: {
    version: (_device, state) =>
      reply(state, CODE.version, 'CGMiner versions', 'VERSION', [
        '{"CGMiner":"4.12.1","API":"3.7"}',
      ]),
    summary: (device, state) =>
      reply(state, CODE.summary, 'Summary', 'SUMMARY', [summaryRow(device, state)]),
    devs: (device, state) => {
      const rows = state.boards
        .filter((board) => board.found)
        .map((board) => devRow(device, state, board));
      return reply(state, CODE.devs, `${rows.length} ASC(s)`, 'DEVS', rows);
    },
    pools: (device, state) =>
      reply(
        state,
        CODE.pools,
        `${state.pools.length} Pool(s)`,
        'POOLS',
        state.pools.map((pool) => poolRow(device, state, pool)),
      ),
    stats: (device, state) =>
      reply(state, CODE.stats, 'CGMiner stats', 'STATS', [
        `{"STATS":0,"ID":"${device.model.type}0","Elapsed":${state.uptimeS},"Calls":0,"Wait":0.000000,"Max":0.000000,"Min":99999999.000000,` +
          `${state.fansRpm.map((rpm, fan) => `"fan${fan + 1}":${rpm}`).join(',')},` +
          `"frequency":${device.model.frequencyMhz}}`,
      ]),
  },
};

export const genericDialects: Partial<Record<Dialect, RpcDialect>> = { generic: dialect };

function summaryRow(device: Device, state: MinerState): string {
  return (
    `{"Elapsed":${state.uptimeS},"MHS av":${f2(state.averageThs * MHS)},"MHS 5s":${f2(state.rateThs[5] * MHS)},` +
    `"MHS 1m":${f2(state.rateThs[60] * MHS)},"MHS 5m":${f2(state.rateThs[300] * MHS)},` +
    `"MHS 15m":${f2(state.rateThs[900] * MHS)},"Found Blocks":0,"Getworks":${Math.floor(state.uptimeS / 30)},` +
    `"Accepted":${state.accepted},"Rejected":${state.rejected},"Hardware Errors":${state.hwErrors},` +
    `"Utility":${utility(state)},"Discarded":${state.accepted * 6},"Stale":${state.stale},"Get Failures":0,` +
    `"Local Work":${state.accepted * 80},"Remote Failures":0,"Network Blocks":${Math.floor(state.uptimeS / 600)},` +
    `"Total MH":${f4(state.averageThs * MHS * state.uptimeS)},"Work Utility":${f2((state.averageThs * 1e12 * 60) / 2 ** 32)},` +
    `${shareFields(device, state)},"Best Share":${state.bestShare},"Device Hardware%":0.0000,` +
    `"Device Rejected%":${percent4(state.rejected, state.accepted + state.rejected)},` +
    `"Pool Rejected%":${percent4(state.rejected, state.accepted + state.rejected)},` +
    `"Pool Stale%":${percent4(state.stale, state.accepted + state.stale)},"Last getwork":${state.timeS}}`
  );
}

function devRow(device: Device, state: MinerState, board: BoardState): string {
  const accepted = Math.floor(state.accepted * board.share);
  return (
    `{"ASC":${board.index},"Name":"${device.model.type}","ID":${board.index},"Enabled":"Y",` +
    `"Status":"${board.chipsGood > 0 ? 'Alive' : 'Dead'}","Temperature":${f2(board.boardTempsC[1])},` +
    `"MHS av":${f2(state.averageThs * board.share * MHS)},"MHS 5s":${f2(state.rateThs[5] * board.share * MHS)},` +
    `"Accepted":${accepted},"Rejected":${Math.floor(state.rejected * board.share)},` +
    `"Hardware Errors":${board.hwErrors},"Utility":${f2((accepted * 60) / Math.max(1, state.uptimeS))},` +
    `"Last Share Pool":0,"Last Share Time":${state.timeS},` +
    `"Total MH":${f4(state.averageThs * board.share * MHS * state.uptimeS)},"Diff1 Work":0,` +
    `"Difficulty Accepted":${f8(accepted * device.shareDifficulty)},"Last Valid Work":${state.timeS},` +
    `"Device Hardware%":0.0000,"Device Rejected%":0.0000,"Device Elapsed":${state.uptimeS}}`
  );
}

function poolRow(device: Device, state: MinerState, pool: PoolState): string {
  return (
    `{"POOL":${pool.priority},"URL":${quoted(pool.url)},"Status":"${pool.alive ? 'Alive' : 'Dead'}",` +
    `"Priority":${pool.priority},"Quota":1,"Long Poll":"N","Getworks":${Math.floor(state.uptimeS / 30)},` +
    `"Accepted":${pool.accepted},"Rejected":${pool.rejected},"Discarded":0,"Stale":${pool.stale},` +
    `"Get Failures":0,"Remote Failures":0,"User":${quoted(pool.user)},` +
    `"Last Share Time":${pool.active ? state.timeS : 0},"Diff1 Shares":0,"Proxy Type":"","Proxy":"",` +
    `"Difficulty Accepted":${f8(pool.accepted * device.shareDifficulty)},` +
    `"Has Stratum":true,"Stratum Active":${pool.active},"Stratum URL":"${pool.active ? hostOf(pool.url) : ''}",` +
    `"Has GBT":false,"Best Share":${pool.active ? state.bestShare : 0},` +
    `"Pool Rejected%":${percent4(pool.rejected, pool.accepted + pool.rejected)},` +
    `"Pool Stale%":${percent4(pool.stale, pool.accepted + pool.stale)}}`
  );
}

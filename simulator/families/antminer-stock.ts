import { f2, f4, macWithColons, quoted } from '../c-format.ts';
import { CODE, envelope, percent4, shareFields, utility } from '../cgminer-protocol.ts';
import type { RpcCommand, RpcDialect } from '../cgminer-protocol.ts';
import { POOL_PASSWORD } from '../device.ts';
import type { Device } from '../device.ts';
import type { MinerState } from '../miner-state.ts';
import type { Dialect } from '../models.ts';
import { modernPools, modernStats, modernSummary, modernSystemInfo } from './antminer-modern.ts';
import { antminerPoolRow } from './antminer-pools.ts';
import { antminerVersion, identityFields, statsRow } from './antminer-stats.ts';

const GHS = 1000;

/** bmminer names itself in its messages; later builds call themselves cgminer. */
function voice(dialect: Dialect): { description: string; name: string } {
  return dialect === 'antminer-s9'
    ? { description: 'bmminer 1.0.0', name: 'BMMiner' }
    : { description: 'cgminer 1.0.0', name: 'CGMiner' };
}

function makeDialect(dialect: Dialect): RpcDialect {
  const { description, name } = voice(dialect);
  const s9 = dialect === 'antminer-s9';
  const newer = dialect === 'antminer-s19' || dialect === 'antminer-s21';
  const reply = (
    state: MinerState,
    code: number,
    message: string,
    section: string,
    rows: readonly string[],
    separator?: string,
  ): string =>
    envelope({ whenS: state.timeS, code, message, description }, section, rows, separator);
  const modern =
    (page: (device: Device, state: MinerState) => string, classic: RpcCommand): RpcCommand =>
    (device, state, request) =>
      newer && request.newApi ? page(device, state) : classic(device, state, request);

  return {
    description,
    joins: !newer,
    acceptsCmd: false,
    // The stock configuration grants readers exactly stats, pools, devs, summary and version.
    privileged: new Set([
      'config',
      'devdetails',
      'restart',
      'quit',
      'addpool',
      'removepool',
      'switchpool',
      'enablepool',
      'disablepool',
      'poolpriority',
      'ascset',
      'setconfig',
      'save',
      'zero',
      'lcd',
      'notify',
      'check',
      'coin',
    ]),
    commands: {
      version: (device, state) =>
        reply(state, CODE.version, `${name} versions`, 'VERSION', [versionRow(device)]),
      summary: modern(modernSummary, (device, state) =>
        reply(state, CODE.summary, 'Summary', 'SUMMARY', [summaryRow(device, state)]),
      ),
      stats: modern(modernStats, (device, state) =>
        reply(
          state,
          CODE.stats,
          `${name} stats`,
          'STATS',
          [`{${identityFields(device)}}`, statsRow(device, state)],
          s9 ? '' : ',',
        ),
      ),
      pools: modern(modernPools, (device, state) =>
        reply(
          state,
          CODE.pools,
          `${state.pools.length} Pool(s)`,
          'POOLS',
          state.pools.map((pool) => antminerPoolRow(device, state, pool)),
        ),
      ),
      devs: (device, state) => reply(state, CODE.devs, '1 ASC(s)', 'DEVS', [devRow(device, state)]),
    },
  };
}

export const antminerDialects: Partial<Record<Dialect, RpcDialect>> = {
  'antminer-s9': makeDialect('antminer-s9'),
  'antminer-s17': makeDialect('antminer-s17'),
  'antminer-s19': makeDialect('antminer-s19'),
  'antminer-s21': makeDialect('antminer-s21'),
};

function versionRow(device: Device): string {
  const { bmminer, miner, compileTime, type } = antminerVersion(device);
  return `{"BMMiner":"${bmminer}","API":"3.1","Miner":"${miner}","CompileTime":"${compileTime}","Type":"${type}"}`;
}

function summaryRow(device: Device, state: MinerState): string {
  const s9 = device.model.dialect === 'antminer-s9';
  const now = f2(state.rateThs[5] * GHS);
  return (
    `{"Elapsed":${state.uptimeS},"GHS 5s":${s9 ? `"${now}"` : now},"GHS av":${f2(state.averageThs * GHS)},` +
    (s9 ? '' : `"GHS 30m":${f2(state.rateThs[1800] * GHS)},`) +
    `"Found Blocks":0,"${s9 ? 'Getworks' : 'Getwork'}":${Math.floor(state.uptimeS / 30)},` +
    `"Accepted":${state.accepted},"Rejected":${state.rejected},"Hardware Errors":${state.hwErrors},` +
    `"Utility":${utility(state)},"Discarded":${state.accepted * 6},"Stale":${state.stale},` +
    `"Get Failures":0,"Local Work":${state.accepted * 80},"Remote Failures":0,` +
    `"Network Blocks":${Math.floor(state.uptimeS / 600)},` +
    `"Total MH":${f4(state.averageThs * 1e6 * state.uptimeS)},` +
    `"Work Utility":${f2((state.averageThs * 1e12 * 60) / 2 ** 32)},${shareFields(device, state)},` +
    `"Best Share":${state.bestShare},"Device Hardware%":${percent4(state.hwErrors, state.accepted * 4000 + state.hwErrors)},` +
    `"Device Rejected%":${percent4(state.rejected, state.accepted + state.rejected)},` +
    `"Pool Rejected%":${percent4(state.rejected, state.accepted + state.rejected)},` +
    `"Pool Stale%":${percent4(state.stale, state.accepted + state.stale)},"Last getwork":${state.timeS}}`
  );
}

/** Stock firmware shows the whole machine as one device and leaves its rates at nought. */
function devRow(device: Device, state: MinerState): string {
  return (
    `{"ASC":0,"Name":"${device.model.dialect === 'antminer-s9' ? 'BC5' : 'BTM_SOC'}","ID":0,"Enabled":"Y","Status":"Alive","Temperature":0.00,` +
    `"MHS av":0.00,"MHS 5s":0.00,"Accepted":${state.accepted},"Rejected":${state.rejected},` +
    `"Hardware Errors":${state.hwErrors},"Utility":${utility(state)},"Last Share Pool":0,` +
    `"Last Share Time":${state.timeS},"Total MH":0.0000,"Diff1 Work":0,` +
    `"Difficulty Accepted":${(state.accepted * device.shareDifficulty).toFixed(8)},` +
    `"Difficulty Rejected":${(state.rejected * device.shareDifficulty).toFixed(8)},` +
    `"Last Share Difficulty":${device.shareDifficulty.toFixed(8)},"Last Valid Work":${state.timeS},` +
    `"Device Hardware%":0.0000,"Device Rejected%":0.0000,"Device Elapsed":${state.uptimeS}}`
  );
}

/** Body of one CGI page of the web interface; null when the firmware has no such page. */
export function antminerPage(device: Device, state: MinerState, path: string): string | null {
  const newer = device.model.dialect === 'antminer-s19' || device.model.dialect === 'antminer-s21';
  switch (path) {
    case '/cgi-bin/get_system_info.cgi':
      return newer ? modernSystemInfo(device, state.address) : oldSystemInfo(device, state);
    case '/cgi-bin/get_network_info.cgi':
      return networkInfo(device, state.address);
    case '/cgi-bin/get_miner_conf.cgi':
      return minerConf(device, state);
    case '/cgi-bin/get_blink_status.cgi':
      return newer ? '{"blink":false}' : '{"isBlinking":false}';
    case '/cgi-bin/stats.cgi':
      return newer ? modernStats(device, state) : null;
    case '/cgi-bin/summary.cgi':
      return newer ? modernSummary(device, state) : null;
    case '/cgi-bin/pools.cgi':
      return newer ? modernPools(device, state) : null;
    case '/cgi-bin/miner_type.cgi':
      return newer
        ? `{"miner_type":"${device.model.type}","subtype":"AMLCtrl_BHB42XXX","fw_version":"${antminerVersion(device).compileTime}"}`
        : null;
    case '/cgi-bin/warning.cgi':
      return newer ? '{"WARNING":[]}' : null;
    case '/':
      return '<!DOCTYPE html>\n<html><head><title>Ant Miner</title></head><body></body></html>\n';
    default:
      return null;
  }
}

function oldSystemInfo(device: Device, state: MinerState): string {
  const { compileTime, miner } = antminerVersion(device);
  return JSON.stringify({
    minertype: device.model.type,
    nettype: 'DHCP',
    netdevice: 'eth0',
    macaddr: macWithColons(device.mac),
    hostname: device.hostname,
    ipaddress: state.address,
    netmask: '255.255.255.0',
    gateway: '',
    dnsservers: '',
    curtime: new Date(state.timeS * 1000).toISOString().slice(11, 19),
    uptime: String(Math.floor((state.uptimeS + 40) / 60)),
    loadaverage: '1.42, 1.37, 1.35',
    mem_total: '242808',
    mem_used: '60412',
    mem_free: '182396',
    system_mode: 'GNU/Linux',
    ant_hwv: miner,
    system_kernel_version: 'Linux 3.14.0-xilinx #71 SMP PREEMPT',
    system_filesystem_version: compileTime,
    cgminer_version: '4.9.0',
  });
}

function networkInfo(device: Device, address: string): string {
  return JSON.stringify({
    nettype: 'DHCP',
    netdevice: 'eth0',
    macaddr: macWithColons(device.mac),
    ipaddress: address,
    netmask: '255.255.255.0',
    conf_nettype: 'DHCP',
    conf_hostname: device.hostname,
    conf_ipaddress: '',
    conf_netmask: '',
    conf_gateway: '',
    conf_dnsservers: '',
  });
}

/** Written by a shell script, spaces around the colons and all. */
function minerConf(device: Device, state: MinerState): string {
  const pools = state.pools
    .map(
      (pool) =>
        `{\n"url" : ${quoted(pool.url)},\n"user" : ${quoted(pool.user)},\n"pass" : "${POOL_PASSWORD}"\n}`,
    )
    .join(',\n');
  return (
    `\n\n{\n"pools" : [\n${pools}\n]\n,\n"api-listen" : true,\n"api-network" : true,\n` +
    `"api-groups" : "A:stats:pools:devs:summary:version",\n"api-allow" : "A:0/0,W:*",\n` +
    `"bitmain-fan-ctrl" : false,\n"bitmain-fan-pwm" : "100",\n"bitmain-use-vil" : true,\n` +
    `"bitmain-freq" : "${device.model.frequencyMhz}",\n"bitmain-voltage" : "${Math.round(device.model.voltageV * 100)}",\n` +
    `"bitmain-ccdelay" : "0",\n"bitmain-pwth" : "0",\n` +
    `"bitmain-work-mode" : "${state.activity === 'sleeping' ? 1 : 0}",\n"bitmain-freq-level" : "100"\n}\n`
  );
}

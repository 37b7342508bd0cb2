import type { Ask } from '../families/ask.ts';

/**
 * Everything this program can say to a device. Whatever is not here is never sent: the transports are
 * reached through `assertAllowed` only, and a test walks every request of every family.
 */
const CGMINER_COMMANDS = new Set([
  'version',
  'summary',
  'stats',
  'estats',
  'litestats',
  'devs',
  'edevs',
  'devdetails',
  'pools',
  'status',
  'get_version',
  'get_miner_info',
  'get_error_code',
  'get_psu',
  'asccount',
  // Braiins, LuxOS.
  'temps',
  'fans',
  'tunerstatus',
  'power',
  'config',
  'profiles',
  'events',
]);

const WHATSMINER_V3_COMMANDS = new Set(['get.device.info', 'get.miner.status']);

/** IceRiver's API on TCP 4111. */
const LINE_IDS = new Set(['info', 'fan', 'board', 'boardpow', 'getnet', 'getpool']);

/** A login opens a session and changes nothing on the device. */
const LOGINS = new Set([
  'POST /api/graphql',
  'POST /user/login',
  'POST /api/login',
  'POST /cgi-bin/luci',
  'GET /user/login',
  'POST /user/loginpost',
  'POST /api/auth',
  'POST /token',
  'POST /cgi-bin/login.php',
  'POST /api/v1/auth/login',
  'POST /api/v1/unlock',
  'POST /admin/login',
]);

/** Method, path, and the body where one goes with it. */
const HTTP_REQUESTS = new Set([
  // FutureBit Apollo: queries without a name, which cannot change anything.
  'POST /api/graphql {"query":"{Miner{online{result{online{status}}} stats{result{stats{version statVersion versions{miner} master{upTime boardsW intervals{int_0{bySol}}} slots{int_0{chips ghs temperature temperature1 errors}} fans{int_0{rpm}} slaves{uid} pool{host port userName intervals{int_0{sharesAccepted sharesRejected inService}}}}}}}}"}',
  'POST /api/graphql {"query":"{Mcu{stats{result{stats{hostname network{name mac}}}}}}"}',
  // Obelisk, Bitfury OpenMiner, MultMiner, Ebang
  'GET /api/info',
  'GET /api/status/dashboard',
  'GET /api/om/miner/stat/agg',
  'GET /gst.csp?a=a',
  'GET /Cgminer/CgminerStatus',
  'GET /Cgminer/CgminerGetVal',
  'GET /alarm/GetAlarmLoop',
  'GET /Status/getsystemstatus',
  'GET /',
  'GET /cgi-bin/get_system_info.cgi',
  'GET /cgi-bin/get_network_info.cgi',
  'GET /cgi-bin/get_miner_conf.cgi',
  'GET /cgi-bin/get_miner_status.cgi',
  'GET /cgi-bin/stats.cgi',
  'GET /cgi-bin/summary.cgi',
  'GET /cgi-bin/pools.cgi',
  'GET /miner_power',
  'GET /warning',
  'GET /cgi-bin/luci/admin/status/overview',
  'GET /api/overview',
  'GET /login.php',
  'GET /get_minerinfo.cgi',
  'GET /updatedashboard.cgi',
  // AxeOS
  'GET /api/system/info',
  // ePIC
  'GET /summary',
  'GET /temps',
  'GET /capabilities',
  'GET /network',
  // Goldshell
  'GET /mcb/status',
  'GET /mcb/setting',
  'GET /mcb/pools',
  'GET /mcb/cgminer?cgminercmd=devs',
  // IceRiver: form 4 is the page that shows everything.
  'POST /user/userpanel post=4',
  // Innosilicon reads by POST, with nothing in it; DragonMint by GET.
  'GET /api/summary',
  'GET /api/overview',
  'POST /api/overview',
  'POST /api/getAll',
  'POST /api/summary',
  'POST /api/type',
  'POST /api/getErrorDetail',
  // Auradine
  'GET /ipreport',
  'GET /fan',
  'GET /led',
  'GET /mode',
  'GET /psu',
  'GET /temperature',
  // Elphapex
  'GET /cgi-bin/get_power.cgi',
  // SealMiner
  'GET /cgi-bin/get_system_info.php',
  // Proto
  'GET /api/v1/system',
  'GET /api/v1/network',
  'GET /api/v1/mining',
  'GET /api/v1/hardware',
  'GET /api/v1/pools',
  'GET /api/v1/cooling',
  'GET /api/v1/errors',
  'GET /api/v1/telemetry?level=miner,hashboard,psu',
  // Braiins: a query reads whatever it names; what changes is a mutation.
  'GET /cgi-bin/luci/admin/network/iface_status/lan',
  'GET /api/v1/miner/details',
  'GET /api/v1/version/',
  'GET /api/v1/network/',
  'GET /api/v1/miner/stats',
  'GET /api/v1/miner/hw/hashboards',
  'GET /api/v1/cooling/state',
  'GET /api/v1/pools/',
  'GET /api/v1/configuration/miner',
  'GET /api/v1/miner/errors',
  'POST /graphql {"query":"{bos{uptime{durationS}} bosminer{info{workSolver{realHashrate{mhs5S} nominalMhs childSolvers{name realHashrate{mhs5S} nominalMhs hwDetails{chips frequencyMhz voltageV} temperatures{name degreesC}}} fans{name speed rpm} summary{power{limitW approxConsumptionW}} poolGroups{name pools{url user status active shares{acceptedSolutions rejectedSolutions}}}}}}"}',
  'POST /graphql {"query":"{bos{hostname info{version{full}}} bosminer{info{modelName}}}"}',
  'POST /graphql {"query":"{bosminer{info{workSolver{childSolvers{name hwDetails{hbSerialNumber}}}}}}"}',
  'POST /graphql {"query":"{events{appeals{id kind message timestamp}}}"}',
  // VNish
  'GET /api/v1/summary',
  'GET /api/v1/info',
  'GET /api/v1/settings',
  'GET /api/v1/perf-summary',
  // MSKMiner
  'POST /api/info_v1',
  // MARA
  'GET /kaonsu/v1/brief',
  'GET /kaonsu/v1/hashboards',
  'GET /kaonsu/v1/fans',
  'GET /kaonsu/v1/pools',
  'GET /kaonsu/v1/overview',
  'GET /kaonsu/v1/network_config',
  'GET /kaonsu/v1/miner_config',
]);

/** Throws when a family would send something that is not on the list: a defect of this program. */
export function assertAllowed(ask: Ask): void {
  if (!isAllowed(ask)) throw new Error(`refused to send ${JSON.stringify(ask)}: not on the list`);
}

export function isAllowed(ask: Ask): boolean {
  if (ask.via === 'cgminer') {
    return ask.command.split('+').every((command) => CGMINER_COMMANDS.has(command));
  }
  if (ask.via === 'lines') return ask.ids.every((id) => LINE_IDS.has(id));
  if (ask.via === 'http') {
    const request = `${ask.method} ${ask.path}`;
    // A body can say anything, so what it may say is on the list as well.
    if (ask.body === undefined && LOGINS.has(request)) return true;
    return HTTP_REQUESTS.has(ask.body === undefined ? request : `${request} ${ask.body.text}`);
  }
  return WHATSMINER_V3_COMMANDS.has(ask.command);
}

/** All but the logins as one, for the test that reads it for words that change a device. */
export const ALLOWED_WORDS: readonly string[] = [
  ...CGMINER_COMMANDS,
  ...WHATSMINER_V3_COMMANDS,
  ...LINE_IDS,
  ...HTTP_REQUESTS,
];

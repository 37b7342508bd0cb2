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
]);

const WHATSMINER_V3_COMMANDS = new Set(['get.device.info', 'get.miner.status']);

/** IceRiver's API on TCP 4111. */
const LINE_IDS = new Set(['info', 'fan', 'board', 'boardpow', 'getnet', 'getpool']);
  'GET /user/login',
  'POST /cgi-bin/login.php',

/** Method, path, and the body where one goes with it. */
const HTTP_REQUESTS = new Set([
  'GET /',
  'GET /cgi-bin/get_system_info.cgi',
  'GET /cgi-bin/get_network_info.cgi',
  'GET /cgi-bin/get_miner_conf.cgi',
  'GET /cgi-bin/get_miner_status.cgi',
  'GET /cgi-bin/stats.cgi',
  'GET /cgi-bin/summary.cgi',
  'GET /cgi-bin/pools.cgi',
  // A login opens a session and changes nothing on the device.
  'POST /cgi-bin/luci',
  'GET /cgi-bin/luci/admin/status/overview',
  'GET /api/overview',
  'GET /login.php',
  'GET /get_minerinfo.cgi',
  'GET /updatedashboard.cgi',
  'GET /mcb/cgminer?cgminercmd=devs',
  'GET /api/overview',
  'POST /api/overview',
  'POST /api/info_v1',
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
    return HTTP_REQUESTS.has(ask.body === undefined ? request : `${request} ${ask.body.text}`);
  }
  return WHATSMINER_V3_COMMANDS.has(ask.command);
}

/** The lists as one, for the test that reads them for words that change a device. */
export const ALLOWED_WORDS: readonly string[] = [
  ...CGMINER_COMMANDS,
  ...WHATSMINER_V3_COMMANDS,
  ...LINE_IDS,
  ...HTTP_REQUESTS,
];

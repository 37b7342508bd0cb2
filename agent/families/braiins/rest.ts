import type { Board, Fan, MinerError } from '../../reading.ts';
import { get } from '../ask.ts';
import type { SessionLogin } from '../ask.ts';
import { board } from '../capabilities.ts';
import type { Replies } from '../family.ts';
import { rate } from '../units.ts';
import { num, positive, row, rows, sensors, text } from '../values.ts';
import type { Row } from '../values.ts';

/** The public API of 25.07 and later: units are keys, `{"gigahash_per_second": …}`, `{"watt": …}`. */

const LOGIN: SessionLogin = {
  method: 'POST',
  path: '/api/v1/auth/login',
  as: 'json',
  fields: { username: '{user}', password: '{password}' },
  session: { json: ['token'] },
  header: { name: 'authorization', prefix: '' },
};

const DETAILS_PATH = '/api/v1/miner/details';
export const DETAILS = get(DETAILS_PATH, LOGIN);
export const VERSION = get('/api/v1/version/', LOGIN);
export const NETWORK = get('/api/v1/network/', LOGIN);
export const STATE = [
  '/api/v1/miner/stats',
  '/api/v1/miner/hw/hashboards',
  '/api/v1/cooling/state',
  '/api/v1/pools/',
  '/api/v1/configuration/miner',
].map((path) => get(path, LOGIN));
export const ERRORS = get('/api/v1/miner/errors', LOGIN);

const reply = (path: string) => (replies: Replies) => row(replies.get(path));
export const details = reply(DETAILS_PATH);
export const network = reply('/api/v1/network/');
const stats = reply('/api/v1/miner/stats');
export const minerStats = (replies: Replies) => row(stats(replies)['miner_stats']);
export const poolStats = (replies: Replies) => row(stats(replies)['pool_stats']);

export const hasRest = (replies: Replies) => replies.has(DETAILS_PATH);

export const restModel = (replies: Replies) => {
  const who = row(details(replies)['miner_identity']);
  return who['miner_model'] ?? who['name'];
};

export const restVersion = (replies: Replies) => row(details(replies)['bos_version'])['current'];

export function restApi(replies: Replies): string | null {
  const { major, minor, patch } = reply('/api/v1/version/')(replies);
  const parts = [major, minor, patch].map(num);
  return parts.includes(null) ? null : parts.join('.');
}

/** Values come in an object named by the unit. */
export const ghs = (value: Row[string] | undefined) => row(value)['gigahash_per_second'];
const celsius = (value: Row[string] | undefined) => num(row(value)['degree_c']);

export const windowed = (from: Row, window: string) => ghs(row(from['real_hashrate'])[window]);

export const restWatts = (replies: Replies) =>
  positive(row(row(stats(replies)['power_stats'])['approximated_consumption'])['watt']);

export const restLimit = (replies: Replies) =>
  positive(
    row(row(reply('/api/v1/configuration/miner')(replies)['tuner'])['power_target'])['watt'],
  );

export function restBoards(replies: Replies): Board[] {
  return rows(reply('/api/v1/miner/hw/hashboards')(replies)['hashboards']).map((one, index) => {
    const rates = row(one['stats']);
    const hertz = positive(row(one['current_frequency'])['hertz']);
    return board(num(one['id']) ?? index, {
      hashrateThs: rate(windowed(rates, 'last_5s'), 'GH/s'),
      expectedThs: rate(ghs(rates['nominal_hashrate']), 'GH/s') || null,
      chips: num(one['chips_count']),
      boardTempsC: sensors([
        celsius(one['lowest_inlet_temp']),
        celsius(one['board_temp']),
        celsius(one['highest_outlet_temp']),
      ]),
      chipTempsC: sensors([celsius(row(one['highest_chip_temp'])['temperature'])]),
      frequencyMhz: hertz === null ? null : hertz / 1e6,
      voltageV: positive(row(one['current_voltage'])['volt']),
      serial: text(one['serial_number']),
    });
  });
}

export function restFans(replies: Replies): Fan[] {
  return rows(reply('/api/v1/cooling/state')(replies)['fans']).map((fan, index) => {
    const ratio = num(fan['target_speed_ratio']);
    return {
      slot: num(fan['position']) ?? index,
      rpm: num(fan['rpm']),
      percent: ratio === null ? null : ratio * 100,
    };
  });
}

/** Rows as cgminer's, one group after the other. */
export function restPools(replies: Replies) {
  const groups = replies.get('/api/v1/pools/');
  if (!Array.isArray(groups)) return undefined;
  return rows(groups)
    .flatMap((group) => rows(group['pools']))
    .map((pool, index) => {
      const counted = row(pool['stats']);
      const { alive } = pool;
      return {
        URL: pool['url'] ?? null,
        User: pool['user'] ?? null,
        Priority: index,
        Status: typeof alive === 'boolean' ? (alive ? 'Alive' : 'Dead') : null,
        'Stratum Active': pool['active'] ?? null,
        Accepted: counted['accepted_shares'] ?? null,
        Rejected: counted['rejected_shares'] ?? null,
        Stale: counted['stale_shares'] ?? null,
      };
    });
}

/** The number of the API's MinerStatus. */
const STATUS: Record<number, string> = {
  1: 'not started',
  2: 'normal',
  3: 'paused',
  4: 'suspended',
  5: 'restricted',
};
const NORMAL = 2;

export function restState(replies: Replies): { mining: boolean; text: string | null } | null {
  const status = num(details(replies)['status']);
  return status === null ? null : { mining: status === NORMAL, text: STATUS[status] ?? null };
}

/**
 * The list is a history, also of earlier runs. What counts is what happened since the start: as long
 * before the last share as the miner has been running.
 */
export function restErrors(replies: Replies): MinerError[] {
  const lastShare = num(row(poolStats(replies)['last_share_time'])['seconds']);
  const running = num(details(replies)['bosminer_uptime_s']);
  const since = lastShare === null || running === null ? null : (lastShare - running) * 1_000;
  const listed = rows(reply('/api/v1/miner/errors')(replies)['errors']).filter((error) => {
    const at = Date.parse(text(error['timestamp']) ?? '');
    return since !== null && at >= since;
  });
  const found = listed.map((error): MinerError => {
    const [first] = rows(error['error_codes']);
    const code = text(first?.['code']);
    return {
      code: code ?? 'message',
      text: text(first?.['reason']) ?? text(error['message']),
      severity: code === null ? 'warning' : 'error',
    };
  });
  return [...new Map(found.map((error) => [`${error.code} ${error.text}`, error])).values()];
}

import type { Json } from '../../lenient-json.ts';
import type { Board, Fan, MinerError } from '../../reading.ts';
import { board } from '../capabilities.ts';
import type { Replies } from '../family.ts';
import { flag, num, positive, row, rows, sensors, text } from '../values.ts';
import type { Row } from '../values.ts';

export const SYSTEM = '/api/v1/system';
export const NETWORK = '/api/v1/network';
export const MINING = '/api/v1/mining';
export const HARDWARE = '/api/v1/hardware';
export const POOLS = '/api/v1/pools';
export const COOLING = '/api/v1/cooling';
export const ERRORS = '/api/v1/errors';
export const TELEMETRY = '/api/v1/telemetry?level=miner,hashboard,psu';

const inside =
  (page: string, name: string) =>
  (replies: Replies): Row =>
    row(row(replies.get(page))[name]);

export const mining = inside(MINING, 'mining-status');
export const hardware = inside(HARDWARE, 'hardware-info');
export const system = inside(SYSTEM, 'system-info');

/** `{value, unit}` as it measures everything. */
const measure = (value: Json | undefined): number | null => num(row(value)['value']);

export function minerRate(replies: Replies): Json | undefined {
  return row(row(row(replies.get(TELEMETRY))['miner'])['hashrate'])['value'];
}

const chipsOf = (one: Row): number =>
  positive(one['mining_asic_count'] ?? one['chip_count'] ?? one['asic_count']) ?? 0;

/**
 * Boards of the hardware list with what was measured of them, by serial; slots may be sparse. The ideal
 * rate is told for the machine only, so each board's is its share by chips.
 */
export function readBoards(replies: Replies): Board[] {
  const measured = rows(row(replies.get(TELEMETRY))['hashboards']);
  const fitted = rows(hardware(replies)['hashboards-info']);
  const chips = fitted.reduce((sum, one) => sum + chipsOf(one), 0);
  const idealGhs = positive(mining(replies)['ideal_hashrate_ghs']);
  const listed: Row[] = fitted.length > 0 ? fitted : measured;
  return listed.map((one, index) => {
    const serial = text(one['hb_sn'] ?? one['serial_number']);
    const told =
      measured.find((each) => serial !== null && text(each['serial_number']) === serial) ??
      measured.find((each) => num(each['index']) === (num(one['port']) ?? index)) ??
      {};
    const rateThs = measure(told['hashrate']);
    const temperature = row(told['temperature']);
    const own = chipsOf(one);
    return board(num(one['slot']) ?? (num(one['index']) ?? index) + 1, {
      hashrateThs: rateThs !== null && rateThs >= 0 ? rateThs : null,
      expectedThs:
        idealGhs === null || own === 0 || chips === 0 ? null : (idealGhs / 1e3) * (own / chips),
      chips: own === 0 ? null : own,
      boardTempsC: sensors([num(temperature['inlet']), num(temperature['outlet'])]),
      voltageV: measure(told['voltage']),
      powerW: measure(told['power']),
      serial,
    });
  });
}

export function readFans(replies: Replies): Fan[] {
  const status = row(row(replies.get(COOLING))['cooling-status']);
  return rows(status['fans']).map((fan, index) => ({
    slot: num(fan['slot']) ?? index + 1,
    rpm: num(fan['rpm']),
    percent: num(fan['speed_percentage']) ?? num(status['speed_percentage']),
  }));
}

/** "Active", "Idle", "Dead": a pool that idles is alive and not in use. */
export function readPools(replies: Replies): Json {
  return rows(row(replies.get(POOLS))['pools']).map((pool, index) => {
    const status = text(pool['connection_status'] ?? pool['status']);
    return {
      URL: pool['url'] ?? null,
      User: pool['user'] ?? pool['username'] ?? null,
      Priority: pool['priority'] ?? index,
      Status: status === null ? null : /^(?:active|idle|alive)$/i.test(status) ? 'Alive' : 'Dead',
      'Stratum Active': status === null ? null : /^active$/i.test(status),
      Accepted: pool['accepted'] ?? null,
      Rejected: pool['rejected'] ?? null,
    };
  });
}

/** A list, or the same in an object under `errors`. */
export function readErrors(replies: Replies): MinerError[] {
  const reply = replies.get(ERRORS);
  const listed = Array.isArray(reply) ? reply : row(reply)['errors'];
  return rows(listed).flatMap((one) => {
    const code = text(one['error_code'] ?? one['code'] ?? one['source']);
    if (code === null || flag(one['resolved']) === true) return [];
    return [{ code, text: text(one['message']), severity: 'error' as const }];
  });
}

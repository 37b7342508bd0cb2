import type { Json } from '../../lenient-json.ts';
import type { Board, Fan, MinerError } from '../../reading.ts';
import { board } from '../capabilities.ts';
import type { Replies } from '../family.ts';
import { rate, unitOf } from '../units.ts';
import type { RateUnit } from '../units.ts';
import { num, numbers, positive, row, rows, sensors, text } from '../values.ts';
import type { Row } from '../values.ts';

export const STATS = '/cgi-bin/stats.cgi';
export const SUMMARY = '/cgi-bin/summary.cgi';
export const POOLS = '/cgi-bin/pools.cgi';
export const CONF = '/cgi-bin/get_miner_conf.cgi';
export const POWER = '/cgi-bin/get_power.cgi';
export const SYSTEM = '/cgi-bin/get_system_info.cgi';
export const NETWORK = '/cgi-bin/get_network_info.cgi';

const firstOf =
  (page: string, name: string) =>
  (replies: Replies): Row =>
    rows(row(replies.get(page))[name])[0] ?? {};

export const stats = firstOf(STATS, 'STATS');
export const summary = firstOf(SUMMARY, 'SUMMARY');

/** Every page begins with who it is of. */
export const about = (replies: Replies): Row =>
  row(row(replies.get(STATS) ?? replies.get(SUMMARY) ?? replies.get(POOLS))['INFO']);

export const unitSaid = (replies: Replies): RateUnit =>
  unitOf(stats(replies)['rate_unit'] ?? summary(replies)['rate_unit']) ?? 'MH/s';

/** "DG-Home1_V1.0.5" → "1.0.5". */
export function versionOf(value: Json | undefined): string | null {
  const said = text(value);
  return said === null ? null : (/_V(\d[\w.]*)$/i.exec(said)?.[1] ?? said);
}

/** By `fc-work-mode`. */
export const WORK_MODES = ['normal', 'sleep', 'high', 'low'];

export const workMode = (replies: Replies): number | null =>
  num(row(replies.get(CONF))['fc-work-mode']);

/** `temp_pcb` is the same four numbers on every board of every machine: no sensors, left out. */
export function readBoards(replies: Replies): Board[] {
  const unit = unitSaid(replies);
  return rows(stats(replies)['chain']).map((chain, index) => {
    const mhz = positive(chain['freq_avg']);
    const listed = chain['temp_chip'];
    return board(num(chain['index']) ?? index, {
      hashrateThs: rate(chain['rate_real'], unit),
      expectedThs: rate(chain['rate_ideal'], unit) || null,
      // The map of chips is drawn of absent boards, too: `asic_num` counts.
      chips: num(chain['asic_num']),
      chipTempsC: sensors(numbers(Array.isArray(listed) ? listed : undefined).map(degrees)),
      frequencyMhz: mhz === null ? null : mhz > 10_000 ? mhz / 100 : mhz,
      hwErrors: num(chain['hw']),
      serial: text(chain['sn']),
    });
  });
}

/** Thousandths of a degree; older firmware gives degrees. */
const degrees = (value: number) => (Math.abs(value) > 1_000 ? value / 1e3 : value);

export function readFans(replies: Replies): Fan[] {
  return numbers(stats(replies)['fan']).map((rpm, index) => ({
    slot: index + 1,
    rpm,
    percent: null,
  }));
}

export function readPools(replies: Replies): Json {
  return rows(row(replies.get(POOLS))['POOLS']).map((pool) => ({
    URL: pool['url'] ?? null,
    User: pool['user'] ?? null,
    Status: pool['status'] ?? null,
    Priority: pool['priority'] ?? null,
    Accepted: pool['accepted'] ?? null,
    Rejected: pool['rejected'] ?? null,
    Stale: pool['stale'] ?? null,
  }));
}

/** Checks the firmware makes of itself; all that do not say "s" did not pass. */
export function readErrors(replies: Replies): MinerError[] {
  return rows(summary(replies)['status']).flatMap((check) => {
    const type = text(check['type']);
    if (type === null || check['status'] === 's') return [];
    const code = num(check['code']) ?? 0;
    return [
      {
        code: code === 0 ? type : `${type}:${code}`,
        text: text(check['msg']),
        severity: check['status'] === 'e' ? 'error' : 'warning',
      },
    ];
  });
}

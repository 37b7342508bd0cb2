import type { Board, Fan, MinerError } from '../../reading.ts';
import { at, board, first, remembered, section } from '../capabilities.ts';
import type { Replies, Source } from '../family.ts';
import { chainBoards, chainFans } from '../numbered-chains.ts';
import { rate, unitOf } from '../units.ts';
import type { RateUnit } from '../units.ts';
import { num, numbers, positive, rows, sensors, text } from '../values.ts';
import type { Row } from '../values.ts';
import { ghsUnitOf, modelOf } from './models.ts';

/**
 * Bitmain answers in three dialects, told apart by the reply and not by the model: (a) flat numbered
 * keys over 4028; (b) `chain[]` lists from the CGI pages; (c) (a) with units in the text ("jansson").
 */

export const WEB_STATS = '/cgi-bin/stats.cgi';
export const WEB_SUMMARY = '/cgi-bin/summary.cgi';
export const WEB_POOLS = '/cgi-bin/pools.cgi';
export const SYSTEM_INFO = '/cgi-bin/get_system_info.cgi';
export const NETWORK_INFO = '/cgi-bin/get_network_info.cgi';
export const MINER_CONF = '/cgi-bin/get_miner_conf.cgi';

export const summary = section('summary', 'SUMMARY');
export const webSummary = section(WEB_SUMMARY, 'SUMMARY');
export const webStats = section(WEB_STATS, 'STATS');

/** The row of numbered keys: the second of two, but the first where the identity row is missing. */
export function stats(replies: Replies): Row {
  const [head = {}, flat] = rows((replies.get('stats') as Row | undefined)?.['STATS']);
  return flat ?? ('Elapsed' in head ? head : {});
}

export const modelRaw: Source = first(
  at('version', 'VERSION', 'Type'),
  remembered('modelRaw'),
  at('stats', 'STATS', 'Type'),
  (replies) => info(replies, WEB_STATS)['type'],
  (replies) => info(replies, WEB_SUMMARY)['type'],
  (replies) => (replies.get(SYSTEM_INFO) as Row | undefined)?.['minertype'],
  (replies) => replies.known.modelRaw,
);

function info(replies: Replies, page: string): Row {
  return ((replies.get(page) as Row | undefined)?.['INFO'] ?? {}) as Row;
}

/** Unit of what the keys call GHS: said by `rate_unit`, else by the model. */
function ghsUnit(replies: Replies): RateUnit {
  return unitOf(stats(replies)['rate_unit']) ?? chainUnit(replies);
}

/** A modified Z11 ("Chipless") counts its total in Sol/s and its chains in kSol/s. */
export function totalUnit(replies: Replies): RateUnit {
  const build = text(first(compileTime)(replies));
  return build !== null && /chipless/i.test(build) ? 'H/s' : ghsUnit(replies);
}

export const compileTime: Source = first(
  at('version', 'VERSION', 'CompileTime'),
  at('stats', 'STATS', 'CompileTime'),
  (replies) => info(replies, WEB_STATS)['CompileTime'],
  (replies) => info(replies, WEB_SUMMARY)['CompileTime'],
);

function chainUnit(replies: Replies): RateUnit {
  const raw = text(modelRaw(replies));
  return ghsUnitOf(raw === null ? null : modelOf(raw));
}

export function webUnit(replies: Replies): RateUnit {
  return (
    unitOf(webSummary(replies)['rate_unit']) ?? unitOf(webStats(replies)['rate_unit']) ?? 'GH/s'
  );
}

export function readBoards(replies: Replies): Board[] {
  const flat = stats(replies);
  const chains = chainBoards(flat, { unit: ghsUnit(replies), threeChainsPerBoard: true });
  if (chains.length > 0) return chains;
  const unit = webUnit(replies);
  return rows(webStats(replies)['chain']).map((chain, index) => webBoard(chain, index, unit));
}

function webBoard(chain: Row, index: number, unit: RateUnit): Board {
  const map = typeof chain['asic'] === 'string' ? chain['asic'].replace(/[^ox]/gi, '') : '';
  return board(num(chain['index']) ?? index, {
    hashrateThs: rate(chain['rate_real'], unit),
    expectedThs: rate(chain['rate_ideal'], unit) || null,
    chips: num(chain['asic_num']),
    chipsGood: map === '' ? null : map.replace(/x/gi, '').length,
    boardTempsC: sensors(numbers(chain['temp_pcb'])),
    chipTempsC: sensors(numbers(chain['temp_chip'])),
    frequencyMhz: num(chain['freq_avg']) || null,
    hwErrors: num(chain['hw']),
    serial: text(chain['sn']),
  });
}

export const MINER_POWER = '/miner_power';
export const WARNING = '/warning';

/** "miner power:3210": firmware of the S21's time, on a page of its own. */
export function pageWatts(replies: Replies): number | null {
  const page = replies.get(MINER_POWER);
  const said =
    typeof page === 'string' ? /miner power\s*:\s*(\d+)/i.exec(page.slice(0, 200)) : null;
  return positive(said?.[1]);
}

/** Hydro machines: two sensors each where the water comes in and where it goes out. */
export function water(end: 'in' | 'out'): Source {
  return (replies) => {
    const chains = rows(webStats(replies)['chain']).map((chain) => chain[`temp_${end}`]);
    const listed = chains.flatMap((value) => numbers(value).slice(0, 1));
    if (listed.length > 0 || !/hyd/i.test(text(modelRaw(replies)) ?? '')) return listed;
    const flat = stats(replies);
    return Object.keys(flat)
      .filter((key) => /^temp_pic\d+$/.test(key))
      .flatMap((key) => {
        const told = numbers(flat[key]);
        const half = Math.ceil(told.length / 2);
        return end === 'in' ? told.slice(0, half) : told.slice(half);
      });
  };
}

export function readFans(replies: Replies): Fan[] {
  const numbered = chainFans(stats(replies));
  if (numbered.length > 0) return numbered;
  return numbers(webStats(replies)['fan']).map((rpm, index) => ({
    slot: index + 1,
    rpm,
    percent: null,
  }));
}

/** Checks of the machine by itself: "s" is well, "" not applicable, anything else a fault. */
export function readErrors(replies: Replies): MinerError[] {
  const warned = text((replies.get(WARNING) as Row | undefined)?.['error_message']);
  const warning =
    warned === null ? [] : [{ code: warned, text: null, severity: 'warning' as const }];
  return [...warning, ...failedChecks(replies)];
}

function failedChecks(replies: Replies): MinerError[] {
  return rows(webSummary(replies)['status']).flatMap((check) => {
    const verdict = text(check['status']);
    if (verdict === null || verdict === 's') return [];
    const type = text(check['type']) ?? 'fault';
    const code = num(check['code']);
    return [
      {
        code: code ? `${type}:${code}` : type,
        text: text(check['msg']),
        severity: 'error' as const,
      },
    ];
  });
}

/** T17+ and S17+ say so in `stats`; later ones only in their configuration. */
const MODE_SLEEPING = 254;

export function isSleeping(replies: Replies): boolean {
  if (num(stats(replies)['Mode']) === MODE_SLEEPING) return true;
  const conf = (replies.get(MINER_CONF) ?? {}) as Row;
  return num(conf['bitmain-work-mode'] ?? conf['miner-mode']) === 1;
}

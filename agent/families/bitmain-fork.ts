import type { Board, Reading, State } from '../reading.ts';
import {
  modelRaw,
  NETWORK_INFO,
  readFans,
  stats,
  summary,
  SYSTEM_INFO,
  totalUnit,
} from './antminer-stock/dialects.ts';
import { algorithmOf, ghsUnitOf, modelOf } from './antminer-stock/models.ts';
import { get, rpc } from './ask.ts';
import {
  at,
  boards,
  fans,
  first,
  hashrate,
  identity,
  pools,
  section,
  shares,
  state,
} from './capabilities.ts';
import type { Capability, Replies, Source, Step } from './family.ts';
import { chainBoards } from './numbered-chains.ts';
import { duration, num, positive, row, text } from './values.ts';
import type { Row } from './values.ts';

/**
 * Custom firmware for Antminers that answers as Bitmain's own over 4028: numbered keys in `stats`. What
 * it adds to the dialect is told by the options.
 */
export interface ForkOptions {
  firmwareVersion: Source;
  /** Model without make, from the model as the firmware says it. */
  model?: (raw: string) => string | null;
  /** More of each board, from the flat row of `stats`: power, voltage. */
  board?: (flat: Row, slot: number) => Partial<Board>;
  boardFields?: readonly (keyof Board)[];
  mac?: Source;
  hostname?: Source;
  /** Where the share counters are; `summary` unless said otherwise. */
  shares?: (replies: Replies) => Row;
  /** "0.00000" rather than "" stands for a chain that is not there. */
  zeroRateIsAbsent?: true;
  state?: (replies: Replies, reading: Reading) => Partial<State>;
}

/** One joined connection; `version` hardly changes. */
export const FORK_STEPS: readonly Step[] = [
  { ask: [rpc('summary'), rpc('stats'), rpc('pools')], join: true, every: 'poll' },
  { ask: [rpc('version')], every: 'hour' },
];

/** Bitmain's web server as it was: the addresses are there alone. */
export const PAGE_STEPS: readonly Step[] = [
  { ask: [get(SYSTEM_INFO, 'digest')], every: 'hour' },
  {
    ask: [get(NETWORK_INFO, 'digest')],
    every: 'hour',
    when: (replies) => !replies.has(SYSTEM_INFO) && replies.known.mac === null,
  },
];

export const macOfPages: Source = (replies) =>
  row(replies.get(SYSTEM_INFO))['macaddr'] ?? row(replies.get(NETWORK_INFO))['macaddr'];

export const hostnameOfPages: Source = (replies) =>
  row(replies.get(SYSTEM_INFO))['hostname'] ?? row(replies.get(NETWORK_INFO))['conf_hostname'];

export function forkModel(raw: string): string | null {
  return modelOf(raw.replace(/\bhiveon\b/i, ''));
}

export function forkBoards(replies: Replies, options: Partial<ForkOptions>): Board[] {
  const flat = stats(replies);
  const raw = text(modelRaw(replies));
  const unit = ghsUnitOf(raw === null ? null : (options.model ?? modelOf)(raw));
  return chainBoards(flat, {
    unit,
    threeChainsPerBoard: true,
    ...(options.zeroRateIsAbsent ? { zeroRateIsAbsent: true } : {}),
  }).map((chain) => Object.assign(chain, options.board?.(flat, chain.slot)));
}

/** What such a firmware tells in the dialect; power and errors are each one's own. */
export function forkCapabilities(options: ForkOptions): Capability[] {
  const model = options.model ?? modelOf;
  return [
    identity({
      modelRaw,
      firmwareVersion: options.firmwareVersion,
      apiVersion: at('version', 'VERSION', 'API'),
      controlBoard: first(at('version', 'VERSION', 'Miner'), at('stats', 'STATS', 'Miner')),
      algorithm: (replies) => {
        const raw = text(modelRaw(replies));
        return raw === null ? null : algorithmOf(model(raw));
      },
      ...(options.mac ? { mac: options.mac } : {}),
      ...(options.hostname ? { hostname: options.hostname } : {}),
    }),
    hashrate({
      now: [
        { from: (replies) => summary(replies)['GHS 5s'], unit: totalUnit, window: '5s' },
        { from: (replies) => stats(replies)['GHS 5s'], unit: totalUnit, window: '5s' },
        { from: (replies) => totals(replies)['total_rate'], unit: totalUnit, window: 'realtime' },
      ],
      average: [
        { from: (replies) => summary(replies)['GHS av'], unit: totalUnit },
        { from: (replies) => stats(replies)['GHS av'], unit: totalUnit },
      ],
      expected: [{ from: (replies) => stats(replies)['total_rateideal'], unit: totalUnit }],
    }),
    boards(
      [
        'slot',
        'hashrateThs',
        'expectedThs',
        'chips',
        'chipsGood',
        'boardTempsC',
        'chipTempsC',
        'frequencyMhz',
        'hwErrors',
        ...(options.boardFields ?? []),
      ],
      (replies) => forkBoards(replies, options),
    ),
    fans(['slot', 'rpm'], readFans),
    pools({ from: (replies) => row(replies.get('pools'))['POOLS'] }),
    shares(options.shares ?? summary),
    state(['mining', 'uptimeS'], (replies, reading) => ({
      mining: reading.hashrate.nowThs === null ? null : reading.hashrate.nowThs > 0,
      uptimeS: duration(summary(replies)['Elapsed'] ?? stats(replies)['Elapsed']),
      ...options.state?.(replies, reading),
    })),
  ];
}

/** MSKMiner has the totals beside the names, in the first row. */
export function totals(replies: Replies): Row {
  return { ...section('stats', 'STATS')(replies), ...stats(replies) };
}

/** Watts of all chains: the firmware's total, "967.50 (AB)" in some builds, else the sum. */
export function chainWatts(flat: Row): number | null {
  const told = positive(flat['total_power']) ?? positive(flat['chain_power']);
  if (told !== null) return told;
  const each = Object.keys(flat)
    .filter((key) => /^chain_power\d+$/.test(key))
    .map((key) => positive(flat[key]) ?? 0);
  return each.reduce((sum, watts) => sum + watts, 0) || null;
}

/** `chain_power6` and `voltage6` as Hiveon and MSKMiner number them. */
export function chainPower(flat: Row, slot: number): Partial<Board> {
  const volts = num(flat[`voltage${slot}`]);
  return {
    powerW: positive(flat[`chain_power${slot}`]),
    // Hundredths of a volt in some builds: no chain runs on 100 V.
    voltageV: volts === null || volts <= 0 ? null : volts > 100 ? volts / 100 : volts,
  };
}

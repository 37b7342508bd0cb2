import type { Board, Fan } from '../reading.ts';
import { get, rpc } from './ask.ts';
import {
  at,
  board,
  boards,
  fans,
  first,
  hashrate,
  identity,
  pools,
  remembered,
} from './capabilities.ts';
import { section, shares, state } from './capabilities.ts';
import type { Capability, Replies, Source, Step } from './family.ts';
import { chainBoards, chainFans } from './numbered-chains.ts';
import type { RateUnit } from './units.ts';
import { duration, num, numbers, row, rows, sensors, text } from './values.ts';
import type { Row } from './values.ts';

/**
 * "ccminer 2.3.3", a fork of Bitmain's cgminer in FPGA and Scrypt machines of several makers: Hammer,
 * VolcMiner, Blackminer. They differ in their unit, their login and in which number they show.
 */

const SYSTEM_INFO = '/cgi-bin/get_system_info.cgi';
const NETWORK_INFO = '/cgi-bin/get_network_info.cgi';
const MINER_STATUS = '/cgi-bin/get_miner_status.cgi';
export const MINER_CONF = '/cgi-bin/get_miner_conf.cgi';

/** Realm of their web servers: it does not tell which of them it is. */
export const CCMINER_REALM = /^blackMiner/i;

const summary = section('summary', 'SUMMARY');
const webSummary = (replies: Replies) => row(row(replies.get(MINER_STATUS))['summary']);
const devices = (replies: Replies) => rows(row(replies.get(MINER_STATUS))['devs']);

function stats(replies: Replies): Row {
  const [head = {}, flat] = rows(row(replies.get('stats'))['STATS']);
  return flat ?? ('Elapsed' in head ? head : {});
}

const LONGEST_SPILL = 16 * 1024;

/**
 * The status page of a Blackminer F2 cuts the text of `stats` at the wrong place: `freq` of each device
 * holds the rest of it, `560,fan_num=2,fan1=4730,…|`.
 */
function spilled(replies: Replies): Row {
  for (const { freq } of devices(replies)) {
    if (typeof freq !== 'string' || !freq.includes('=')) continue;
    const pairs = `frequency=${freq.slice(0, LONGEST_SPILL)}`.matchAll(
      /(?:^|,)([^=,[\]]+)=((?:\[[^\]]*\]|[^,|[])*)/g,
    );
    return Object.fromEntries([...pairs].map(([, key, value]) => [key!, value!]));
  }
  return {};
}

function flat(replies: Replies): Row {
  const told = stats(replies);
  return Object.keys(told).length > 0 ? told : spilled(replies);
}

function readBoards(replies: Replies, unit: RateUnit): Board[] {
  const from = flat(replies);
  if (Object.keys(from).length > 0) {
    return chainBoards(from, { unit, threeChainsPerBoard: false })
      .filter(({ chips }) => chips !== 0)
      .map((chain) => withChips(chain, from));
  }
  return devices(replies).map((device, index) =>
    board(num(device['index']) ?? index + 1, {
      chips: num(device['chain_acn']),
      chipsGood: goodChips(device['chain_acs'], num(device['chain_acn'])),
      boardTempsC: sensors(numbers(device['temp'])),
      frequencyMhz: num(device['freq']) || null,
      hwErrors: num(device['hw']),
    }),
  );
}

/** `chipTemp1` lists more places than the board has chips; what follows them is stray memory. */
function withChips(chain: Board, from: Row): Board {
  const { slot, chips } = chain;
  const listed = numbers(from[`chipTemp${slot}`]).slice(0, chips ?? 0);
  return {
    ...chain,
    chipsGood: goodChips(from[`chain_acs${slot}`], chips),
    chipTempsC: listed.length > 0 ? sensors(listed) : chain.chipTempsC,
  };
}

/** A map shorter than the count of chips was cut and says nothing about the rest. */
function goodChips(map: unknown, chips: number | null): number | null {
  if (typeof map !== 'string') return null;
  const marks = map.replace(/[^ox]/gi, '');
  return marks.length > 0 && marks.length === chips ? marks.replace(/x/gi, '').length : null;
}

function readFans(replies: Replies): Fan[] {
  const numbered = chainFans(flat(replies));
  return numbered.length > 0 ? numbered : chainFans(row(replies.get(MINER_STATUS)));
}

/** The status page has the rows of `pools` with keys in lower case. */
function webPools(replies: Replies) {
  return rows(row(replies.get(MINER_STATUS))['pools']).map((pool) => ({
    URL: pool['url'] ?? null,
    User: pool['user'] ?? null,
    Status: pool['status'] ?? null,
    Priority: pool['priority'] ?? pool['index'] ?? null,
    Accepted: pool['accepted'] ?? null,
    Rejected: pool['rejected'] ?? null,
    Stale: pool['stale'] ?? null,
  }));
}

const WHO: readonly Step[] = [
  { ask: [get(SYSTEM_INFO, 'digest')], every: 'hour' },
  {
    ask: [get(NETWORK_INFO, 'digest')],
    every: 'hour',
    when: (replies) => !replies.has(SYSTEM_INFO) && replies.known.mac === null,
  },
];

export const CCMINER_PLANS: ReadonlyMap<number, readonly Step[]> = new Map<number, readonly Step[]>(
  [
    [
      4028,
      [
        { ask: [rpc('summary'), rpc('stats'), rpc('pools')], join: true, every: 'poll' },
        { ask: [rpc('version')], every: 'hour' },
        ...WHO,
      ],
    ],
    [80, [{ ask: [get(MINER_STATUS, 'digest')], every: 'poll' }, ...WHO]],
  ],
);

/** The makers' web servers have one realm: `maker` must stand in a type or in the host name. */
export function namesMaker(maker: RegExp): (replies: Replies) => boolean {
  const sources: readonly Source[] = [
    at('version', 'VERSION', 'Type'),
    at('stats', 'STATS', 'Type'),
    (replies) => row(replies.get(SYSTEM_INFO))['minertype'],
    (replies) => row(replies.get(SYSTEM_INFO))['hostname'],
  ];
  return (replies) => sources.some((source) => maker.test(text(source(replies)) ?? ''));
}

const filesystem: Source = (replies) => row(replies.get(SYSTEM_INFO))['system_filesystem_version'];

export interface CcminerOptions {
  unit: RateUnit;
  algorithm: Source;
  /** `summary` and `stats` are counted at different moments; the maker's page shows one of them. */
  nowFrom: 'summary' | 'stats';
  /** Hammer builds by `CompileTime`, VolcMiner by the file system. */
  firmwareFrom: 'build' | 'filesystem';
  /** Chips of a whole board by model as the machine says it: the firmware counts those it found. */
  chipsOf?: (modelRaw: string) => number | null;
  /** Where the web does not say the type, the host name may. */
  modelFromHostname?: true;
}

export function ccminerCapabilities(options: CcminerOptions): Capability[] {
  const { unit, chipsOf } = options;
  const rpcNow = (key: string) => {
    const both = [
      { from: (replies: Replies) => summary(replies)[key], unit, window: '5s' },
      { from: (replies: Replies) => stats(replies)[key], unit, window: '5s' },
    ];
    return options.nowFrom === 'summary' ? both : both.toReversed();
  };
  const [now, average] = unit === 'GH/s' ? ['GHS 5s', 'GHS av'] : ['MHS 5s', 'MHS av'];
  const build = first(at('version', 'VERSION', 'CompileTime'), at('stats', 'STATS', 'CompileTime'));
  const modelRaw = first(
    at('version', 'VERSION', 'Type'),
    at('stats', 'STATS', 'Type'),
    (replies) => row(replies.get(SYSTEM_INFO))['minertype'],
    remembered('modelRaw'),
    (replies) =>
      options.modelFromHostname ? row(replies.get(SYSTEM_INFO))['hostname'] : undefined,
    (replies) => replies.known.modelRaw,
  );
  return [
    identity({
      modelRaw,
      mac: (replies) =>
        row(replies.get(SYSTEM_INFO))['macaddr'] ?? row(replies.get(NETWORK_INFO))['macaddr'],
      hostname: (replies) =>
        row(replies.get(SYSTEM_INFO))['hostname'] ??
        row(replies.get(NETWORK_INFO))['conf_hostname'],
      firmwareVersion:
        options.firmwareFrom === 'build'
          ? first(build, filesystem)
          : first(filesystem, remembered('firmwareVersion'), build),
      apiVersion: at('version', 'VERSION', 'API'),
      controlBoard: first(at('version', 'VERSION', 'Miner'), at('stats', 'STATS', 'Miner')),
      algorithm: options.algorithm,
    }),
    hashrate({
      now: [
        ...rpcNow(now),
        { from: (replies) => webSummary(replies)['ghs5s'], unit, window: '5s' },
      ],
      average: [
        { from: (replies) => summary(replies)[average], unit },
        { from: (replies) => stats(replies)[average], unit },
        { from: (replies) => webSummary(replies)['ghsav'], unit },
      ],
      expected: [],
    }),
    boards(
      [
        'slot',
        'hashrateThs',
        'chips',
        'chipsGood',
        ...(chipsOf ? (['chipsExpected'] as const) : (['chipTempsC'] as const)),
        'boardTempsC',
        'frequencyMhz',
        'hwErrors',
      ],
      (replies) => {
        const chains = readBoards(replies, unit);
        const chipsExpected = chipsOf?.(text(modelRaw(replies)) ?? '') ?? null;
        for (const chain of chains) chain.chipsExpected = chipsExpected;
        return chains;
      },
    ),
    fans(['slot', 'rpm'], readFans),
    pools({ from: (replies) => row(replies.get('pools'))['POOLS'] ?? webPools(replies) }),
    shares(poolCounted),
    state(['mining', 'uptimeS'], (replies, reading) => {
      const { nowThs } = reading.hashrate;
      return {
        mining: nowThs === null ? null : nowThs > 0,
        uptimeS: duration(
          first(
            (from) => summary(from)['Elapsed'],
            (from) => stats(from)['Elapsed'],
            (from) => webSummary(from)['elapsed'],
          )(replies),
        ),
      };
    }),
  ];
}

/** `Accepted` and `Rejected` of the summary are the text "  6.0000", the same twice: a difficulty. */
function poolCounted(replies: Replies): Row {
  const counted = summary(replies);
  return {
    Stale: counted['Stale'] ?? null,
    'Hardware Errors': counted['Hardware Errors'] ?? webSummary(replies)['hw'] ?? null,
    'Pool Rejected%': counted['Pool Rejected%'] ?? null,
    ...(typeof counted['Accepted'] === 'number'
      ? { Accepted: counted['Accepted'], Rejected: counted['Rejected'] ?? null }
      : {}),
  };
}

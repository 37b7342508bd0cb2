import { get, rpc } from '../ask.ts';
import {
  at,
  boards,
  errors,
  fans,
  first,
  fluid,
  hashrate,
  identity,
  inlet,
  pools,
  power,
  remembered,
  shares,
  state,
} from '../capabilities.ts';
import type { Family, Replies, Step } from '../family.ts';
import { duration, num, positive, row, text } from '../values.ts';
import {
  compileTime,
  MINER_POWER,
  pageWatts,
  WARNING,
  water,
  isSleeping,
  MINER_CONF,
  modelRaw,
  NETWORK_INFO,
  readBoards,
  readErrors,
  readFans,
  stats,
  summary,
  SYSTEM_INFO,
  totalUnit,
  WEB_POOLS,
  WEB_STATS,
  WEB_SUMMARY,
  webStats,
  webSummary,
  webUnit,
} from './dialects.ts';
import { algorithmOf, modelOf } from './models.ts';

/** MAC, host name and serial are on the web only; the older page lacks the last. */
const WHO: readonly Step[] = [
  { ask: [get(SYSTEM_INFO, 'digest')], every: 'hour' },
  {
    ask: [get(NETWORK_INFO, 'digest')],
    every: 'hour',
    when: (replies) => !replies.has(SYSTEM_INFO) && replies.known.mac === null,
  },
];

const standsStill = (replies: Replies) =>
  num(summary(replies)['GHS 5s'] ?? stats(replies)['GHS 5s'] ?? webStats(replies)['rate_5s']) === 0;

/** Only a machine that stands still has to explain itself: each page costs a CGI process. */
const WHY_IDLE: readonly Step[] = [
  {
    ask: [get(MINER_CONF, 'digest'), get(WEB_SUMMARY, 'digest')],
    every: 'poll',
    when: (replies) => standsStill(replies) && num(stats(replies)['Mode']) !== 254,
  },
];

/** Pages that only firmware since the S21 has. */
const LATER_PAGES: readonly Step[] = [
  {
    ask: [{ ...get(MINER_POWER, 'digest'), page: true }],
    every: 'hour',
    when: (replies) => positive(webStats(replies)['watt']) === null,
    keepWhen: (replies) => pageWatts(replies) !== null,
  },
  {
    ask: [get(WARNING, 'digest')],
    every: 'hour',
    keepWhen: (replies) => replies.has(WARNING),
  },
];

export const antminerStock: Family = {
  id: 'antminer-stock',
  make: 'AntMiner',
  product: 'Bitmain',
  stock: true,
  recognise: {
    cgminer: [/"TYPE"\s*:\s*"(BITMAIN )?ANTMINER/, /TYPE=ANTMINER/],
    realm: /^antMiner/i,
  },
  login: { user: 'root', password: 'root' },
  model: modelOf,
  plans: new Map<number, readonly Step[]>([
    [
      4028,
      [
        { ask: [rpc('summary'), rpc('stats'), rpc('pools')], join: true, every: 'poll' },
        { ask: [rpc('version')], every: 'hour' },
        ...WHO,
        {
          // Firmware of 2026 measures power and says so only here.
          ask: [get(WEB_STATS, 'digest')],
          every: 'hour',
          keepWhen: (replies) => positive(webStats(replies)['watt']) !== null,
        },
        ...LATER_PAGES,
        {
          ask: [get(WEB_STATS, 'digest')],
          every: 'poll',
          when: (replies) => !replies.has('stats') && !replies.has(WEB_STATS),
        },
        ...WHY_IDLE,
      ],
    ],
    [
      80,
      [
        {
          ask: [get(WEB_STATS, 'digest'), get(WEB_SUMMARY, 'digest'), get(WEB_POOLS, 'digest')],
          every: 'poll',
        },
        ...WHO,
        ...LATER_PAGES,
        ...WHY_IDLE,
      ],
    ],
  ]),
  capabilities: [
    identity({
      modelRaw,
      mac: (replies) =>
        row(replies.get(SYSTEM_INFO))['macaddr'] ?? row(replies.get(NETWORK_INFO))['macaddr'],
      hostname: (replies) =>
        row(replies.get(SYSTEM_INFO))['hostname'] ??
        row(replies.get(NETWORK_INFO))['conf_hostname'],
      serial: (replies) => row(replies.get(SYSTEM_INFO))['serinum'],
      firmwareVersion: first(
        (replies) => row(replies.get(SYSTEM_INFO))['system_filesystem_version'],
        remembered('firmwareVersion'),
        compileTime,
      ),
      apiVersion: first(at('version', 'VERSION', 'API'), (replies) => {
        return row(row(replies.get(WEB_STATS))['STATUS'])['api_version'];
      }),
      controlBoard: first(
        at('version', 'VERSION', 'Miner'),
        at('stats', 'STATS', 'Miner'),
        (replies) => {
          return row(row(replies.get(WEB_STATS))['INFO'])['miner_version'];
        },
      ),
      algorithm: (replies) => {
        const raw = text(modelRaw(replies));
        return raw === null ? null : algorithmOf(modelOf(raw));
      },
    }),
    hashrate({
      now: [
        { from: (replies) => summary(replies)['RT HASHRATE'], unit: 'GH/s', window: 'realtime' },
        { from: (replies) => summary(replies)['GHS 5s'], unit: totalUnit, window: '5s' },
        { from: (replies) => stats(replies)['GHS 5s'], unit: totalUnit, window: '5s' },
        { from: (replies) => webSummary(replies)['rate_5s'], unit: webUnit, window: '5s' },
        { from: (replies) => webStats(replies)['rate_5s'], unit: webUnit, window: '5s' },
      ],
      average: [
        { from: (replies) => summary(replies)['AV HASHRATE'], unit: 'GH/s' },
        { from: (replies) => summary(replies)['GHS av'], unit: totalUnit },
        { from: (replies) => stats(replies)['GHS av'], unit: totalUnit },
        { from: (replies) => webSummary(replies)['rate_avg'], unit: webUnit },
        { from: (replies) => webStats(replies)['rate_avg'], unit: webUnit },
      ],
      expected: [
        { from: (replies) => summary(replies)['THEORY HASHRATE'], unit: 'GH/s' },
        { from: (replies) => stats(replies)['total_rateideal'], unit: totalUnit },
        { from: (replies) => webSummary(replies)['rate_ideal'], unit: webUnit },
        { from: (replies) => webStats(replies)['rate_ideal'], unit: webUnit },
      ],
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
        'serial',
      ],
      readBoards,
    ),
    fans(['slot', 'rpm'], readFans),
    pools({
      from: (replies) => row(replies.get('pools'))['POOLS'] ?? webPools(replies),
    }),
    shares(summary),
    power(['watts', 'source'], (replies) => {
      const watts = positive(webStats(replies)['watt']) ?? pageWatts(replies);
      return watts === null ? {} : { watts, source: 'psu' };
    }),
    fluid({ in: water('in'), out: water('out') }),
    inlet((replies) => webStats(replies)['ambient_temp'] ?? stats(replies)['ambient_temp']),
    state(['mining', 'text', 'uptimeS'], (replies, reading) => {
      const sleeping = isSleeping(replies);
      const { nowThs } = reading.hashrate;
      return {
        mining: sleeping ? false : nowThs === null ? null : nowThs > 0,
        text: sleeping ? 'sleeping' : null,
        uptimeS: duration(
          first(
            (from) => summary(from)['Elapsed'],
            (from) => stats(from)['Elapsed'],
            (from) => webSummary(from)['elapsed'],
            (from) => webStats(from)['elapsed'],
          )(replies),
        ),
      };
    }),
    errors(readErrors),
  ],
};

/** The CGI page has the same rows with keys in lower case. */
function webPools(replies: Replies) {
  const { POOLS } = row(replies.get(WEB_POOLS));
  if (!Array.isArray(POOLS)) return undefined;
  return POOLS.map((pool) => {
    const lower = row(pool);
    return {
      URL: lower['url'] ?? null,
      User: lower['user'] ?? null,
      Status: lower['status'] ?? null,
      Priority: lower['priority'] ?? null,
      Accepted: lower['accepted'] ?? null,
      Rejected: lower['rejected'] ?? null,
      Stale: lower['stale'] ?? null,
    };
  });
}

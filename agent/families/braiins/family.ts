import { algorithmOf, modelOf } from '../antminer-stock/models.ts';
import { get, LUCI, rpc } from '../ask.ts';
import type { SessionLogin } from '../ask.ts';
import {
  at,
  boards,
  errors,
  fans,
  first,
  hashrate,
  identity,
  pools,
  power,
  remembered,
  shares,
  state,
} from '../capabilities.ts';
import type { Family, Replies, Source, Step } from '../family.ts';
import { num, positive, row, rows, text } from '../values.ts';
import * as graphql from './graphql.ts';
import * as rest from './rest.ts';
import {
  nominalThs,
  platform,
  productVersion,
  rpcBoards,
  rpcFans,
  summary,
  tuner,
  withoutEmptyConnectors,
} from './rpc.ts';

/** Data pages of LuCI are for this client only. */
const BRAIINS_LUCI: SessionLogin = {
  ...LUCI,
  session: { cookie: /^(sysauth|session_id)/ },
  userAgent: 'BTC Tools v0.1',
};
const LAN = '/cgi-bin/luci/admin/network/iface_status/lan';

const lan = (replies: Replies) => rows(replies.get(LAN))[0] ?? {};

/** The cgminer API tells everything that moves; the others only who the machine is. */
const hasRpc = (replies: Replies) => replies.has('summary');
const needsRest = (replies: Replies) => !hasRpc(replies) && !graphql.hasGraphql(replies);

/** The public API counts its versions in three parts, the cgminer API in two. */
const isKnownByRest = (replies: Replies) => /^\d+\.\d+\.\d+$/.test(replies.known.apiVersion ?? '');

const PLAN: readonly Step[] = [
  {
    ask: ['summary', 'devs', 'temps', 'fans', 'tunerstatus', 'pools', 'devdetails'].map(rpc),
    join: true,
    every: 'poll',
  },
  { ask: [rpc('version')], every: 'hour' },
  {
    ask: [graphql.STATE],
    every: 'poll',
    when: (replies) => !hasRpc(replies) && !isKnownByRest(replies),
  },
  { ask: [graphql.WHO], every: 'hour' },
  {
    ask: [graphql.EVENTS],
    every: 'hour',
    when: (replies) => replies.has('graphql who'),
    keepWhen: (replies) => graphql.appeals(replies).length > 0,
  },
  {
    ask: [graphql.SERIALS],
    every: 'hour',
    when: (replies) => !hasRpc(replies) && replies.has('graphql who'),
    keepWhen: (replies) => replies.has('graphql serials'),
  },
  {
    ask: [rest.DETAILS, rest.VERSION, rest.NETWORK],
    every: 'hour',
    when: (replies) => !replies.has('graphql who'),
  },
  // Whether it mines is among the details.
  { ask: [rest.DETAILS, ...rest.STATE, rest.ERRORS], every: 'poll', when: needsRest },
  {
    ask: [get(LAN, BRAIINS_LUCI)],
    every: 'hour',
    when: (replies) => replies.known.mac === null && !rest.hasRest(replies),
  },
];

/** "Bitmain Antminer S9", "braiins-am1-s9", "am2-s17". */
function model(raw: string): string | null {
  const code = /\bam\d-(s\d+)\b/i.exec(raw)?.[1];
  if (code !== undefined) return code.toUpperCase();
  return modelOf(raw.replace(/^bitmain\s+/i, '').replace(/^braiins\s+(?=.)/i, ''));
}

const modelRaw: Source = first(
  at('devdetails', 'DEVDETAILS', 'Model'),
  graphql.gqlModel,
  rest.restModel,
  remembered('modelRaw'),
  platform,
);

export const braiins: Family = {
  id: 'braiins',
  make: 'AntMiner',
  product: 'Braiins OS',
  recognise: {
    cgminer: [
      /BOSMINER|BOSER/,
      /BMMINER BOS_/,
      // The host with its port as "Stratum URL" is BOSminer's way to list a pool.
      /"STRATUM URL"\s*:\s*"[^"/]{1,300}:\d+"[^{}]{0,2000}"ASICBOOST"|"ASICBOOST"[^{}]{0,2000}"STRATUM URL"\s*:\s*"[^"/]{1,300}:\d+"/,
    ],
    page: /Braiins\s*OS/i,
  },
  login: { user: 'root', password: 'root' },
  model,
  plans: new Map<number, readonly Step[]>([
    [4028, PLAN],
    [80, PLAN],
  ]),
  capabilities: [
    identity({
      // Also on the miners it makes itself.
      make: (replies) =>
        /^(braiins (?!am)|bmm)/i.test(text(modelRaw(replies)) ?? '') ? 'Braiins' : null,
      modelRaw,
      mac: (replies) =>
        rest.details(replies)['mac_address'] ??
        rest.network(replies)['mac_address'] ??
        lan(replies)['macaddr'],
      hostname: (replies) =>
        graphql.gqlBos(replies)['hostname'] ?? rest.details(replies)['hostname'],
      serial: (replies) => rest.details(replies)['serial_number'],
      firmwareVersion: first(
        graphql.gqlVersion,
        rest.restVersion,
        remembered('firmwareVersion'),
        productVersion,
      ),
      apiVersion: first(rest.restApi, at('version', 'VERSION', 'API')),
      algorithm: (replies) => {
        const raw = text(modelRaw(replies));
        return raw === null ? null : algorithmOf(model(raw));
      },
    }),
    hashrate({
      now: [
        { from: (replies) => summary(replies)['MHS 5s'], unit: 'MH/s', window: '5s' },
        { from: (replies) => summary(replies)['MHS 1m'], unit: 'MH/s', window: '1m' },
        {
          from: (replies) => graphql.gqlRate(graphql.gqlSolver(replies)),
          unit: 'MH/s',
          window: '5s',
        },
        {
          from: (replies) => rest.windowed(rest.minerStats(replies), 'last_5s'),
          unit: 'GH/s',
          window: '5s',
        },
      ],
      average: [
        { from: (replies) => summary(replies)['MHS av'], unit: 'MH/s' },
        {
          from: (replies) => rest.windowed(rest.minerStats(replies), 'since_restart'),
          unit: 'GH/s',
        },
      ],
      expected: [
        { from: nominalThs, unit: 'TH/s' },
        { from: (replies) => graphql.gqlSolver(replies)['nominalMhs'], unit: 'MH/s' },
        {
          from: (replies) => rest.ghs(rest.minerStats(replies)['nominal_hashrate']),
          unit: 'GH/s',
        },
      ],
    }),
    boards(
      [
        'slot',
        'hashrateThs',
        'expectedThs',
        'chips',
        'boardTempsC',
        'chipTempsC',
        'frequencyMhz',
        'voltageV',
        'powerW',
        'hwErrors',
        'serial',
      ],
      (replies) => {
        const own = rpcBoards(replies);
        if (own.length > 0) return own;
        const web = graphql.gqlBoards(replies);
        return web.length > 0 ? web : rest.restBoards(replies);
      },
    ),
    fans(['slot', 'rpm', 'percent'], (replies) => {
      const own = rpcFans(replies);
      if (own.length > 0) return withoutEmptyConnectors(own);
      const web = graphql.gqlFans(replies);
      return withoutEmptyConnectors(web.length > 0 ? web : rest.restFans(replies));
    }),
    pools({
      from: (replies) =>
        row(replies.get('pools'))['POOLS'] ?? graphql.gqlPools(replies) ?? rest.restPools(replies),
    }),
    shares((replies) => {
      if (hasRpc(replies)) return summary(replies);
      const counted = rest.poolStats(replies);
      return {
        Accepted: counted['accepted_shares'] ?? null,
        Rejected: counted['rejected_shares'] ?? null,
        Stale: counted['stale_shares'] ?? null,
      };
    }),
    power(['watts', 'source', 'limitW'], (replies) => {
      const watts =
        positive(tuner(replies)['ApproximateMinerPowerConsumption']) ??
        positive(graphql.gqlPower(replies)['approxConsumptionW']) ??
        rest.restWatts(replies);
      return {
        watts,
        source: watts === null ? null : 'estimate',
        limitW:
          positive(tuner(replies)['PowerLimit']) ??
          positive(graphql.gqlPower(replies)['limitW']) ??
          rest.restLimit(replies),
      };
    }),
    state(['mining', 'text', 'uptimeS'], (replies, reading) => {
      const told = rest.restState(replies);
      const { nowThs } = reading.hashrate;
      return {
        mining: told?.mining ?? (nowThs === null ? null : nowThs > 0),
        text: told?.text ?? null,
        uptimeS: num(
          summary(replies)['Elapsed'] ??
            graphql.gqlUptime(replies) ??
            rest.details(replies)['system_uptime_s'] ??
            rest.details(replies)['bosminer_uptime_s'],
        ),
      };
    }),
    errors((replies) => [...graphql.gqlErrors(replies), ...rest.restErrors(replies)]),
  ],
};

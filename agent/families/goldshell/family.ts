import { get, rpc } from '../ask.ts';
import type { SessionLogin } from '../ask.ts';
import {
  at,
  boards,
  fans,
  first,
  hashrate,
  identity,
  pools,
  remembered,
  section,
  shares,
  state,
} from '../capabilities.ts';
import type { Family, Replies, Step } from '../family.ts';
import { duration, num, row, rows } from '../values.ts';
import {
  DEVS_PAGE,
  devRows,
  POOLS_PAGE,
  readBoards,
  readFans,
  readPools,
  webRows,
} from './rows.ts';

const STATUS_PAGE = '/mcb/status';
const SETTING_PAGE = '/mcb/setting';

const LOGIN: SessionLogin = {
  method: 'GET',
  path: '/user/login',
  as: 'query',
  fields: { username: '{user}', password: '{password}', cipher: 'false' },
  session: { json: ['JWT Token'] },
  header: { name: 'authorization', prefix: 'Bearer ' },
};

const WHO: Step = { ask: [get(STATUS_PAGE, LOGIN), get(SETTING_PAGE, LOGIN)], every: 'hour' };

const sumOf = (key: string) => (replies: Replies) => {
  const told = webRows(replies)
    .map((one) => num(one[key]))
    .filter((value) => value !== null);
  return told.length === 0 ? undefined : told.reduce((sum, value) => sum + value, 0);
};

const sumOfDevs = (key: string) => (replies: Replies) => {
  const told = devRows(replies)
    .map((one) => num(one[key]))
    .filter((value) => value !== null);
  return told.length === 0 ? undefined : told.reduce((sum, value) => sum + value, 0);
};

/** Words of the models, by coin. */
const ALGORITHMS: readonly [model: RegExp, algorithm: string][] = [
  [/^(?:CK|BYTE)/i, 'eaglesong'],
  [/^(?:KD|BYTE)/i, 'blake2s'],
  [/^(?:HS)/i, 'handshake'],
  [/^(?:LT|DG|MINI-?DOGE)/i, 'scrypt'],
  [/^SC/i, 'blake2b-sia'],
  [/^ST/i, 'blake2b-starcoin'],
  [/^AL/i, 'blake3'],
  [/^(?:KA|E-?KA)/i, 'kheavyhash'],
];

const modelOf = (raw: string) => raw.replace(/^\s*goldshell[-\s]*/i, '').trim() || null;

export const goldshell: Family = {
  id: 'goldshell',
  make: 'Goldshell',
  product: 'Goldshell',
  recognise: {
    cgminer: [/INTCHAINS_QOMO|KDAMINER/, /BFGMINER/],
    page: /cloud-box/i,
    // bfgminer drives other machines, too.
    confirm: (replies) =>
      replies.has(STATUS_PAGE) ||
      webRows(replies).length > 0 ||
      devRows(replies).some((one) => 'tstemp-0' in one || 'tstemp-2' in one) ||
      rows(row(replies.get('devdetails'))['DEVDETAILS']).some((one) => 'chips-nr' in one),
    confirmOn: [80, 4028],
  },
  login: { user: 'admin', password: '123456789' },
  model: modelOf,
  plans: new Map<number, readonly Step[]>([
    [
      4028,
      [
        // Open to everybody; the web needs a session and breaks under quick requests.
        { ask: [rpc('summary'), rpc('devs'), rpc('pools')], join: true, every: 'poll' },
        { ask: [rpc('devdetails')], every: 'hour', keepWhen: () => true },
        WHO,
      ],
    ],
    [80, [{ ask: [get(DEVS_PAGE, LOGIN), get(POOLS_PAGE, LOGIN)], every: 'poll' }, WHO]],
  ]),
  capabilities: [
    identity({
      modelRaw: (replies) => row(replies.get(STATUS_PAGE))['model'],
      // The setting's name is the address printed on the case.
      mac: (replies) => row(replies.get(SETTING_PAGE))['name'],
      firmwareVersion: (replies) => row(replies.get(STATUS_PAGE))['firmware'],
      apiVersion: first(at('version', 'VERSION', 'API'), remembered('apiVersion')),
      controlBoard: (replies) =>
        row(replies.get(STATUS_PAGE))['mcbversion'] ?? row(replies.get(STATUS_PAGE))['hardware'],
      algorithm: (replies) => {
        const raw = row(replies.get(STATUS_PAGE))['model'] ?? replies.known.modelRaw;
        const model = typeof raw === 'string' ? (modelOf(raw) ?? '') : '';
        return ALGORITHMS.find(([pattern]) => pattern.test(model))?.[1];
      },
    }),
    hashrate({
      now: [
        { from: at('summary', 'SUMMARY', 'MHS 20s'), unit: 'MH/s', window: '20s' },
        { from: sumOfDevs('MHS 20s'), unit: 'MH/s', window: '20s' },
        { from: sumOf('hashrate'), unit: 'MH/s', window: 'realtime' },
      ],
      average: [
        { from: at('summary', 'SUMMARY', 'MHS av'), unit: 'MH/s' },
        { from: sumOfDevs('MHS av'), unit: 'MH/s' },
        { from: sumOf('av_hashrate'), unit: 'MH/s' },
      ],
      expected: [],
    }),
    boards(
      [
        'slot',
        'hashrateThs',
        'chips',
        'boardTempsC',
        'chipTempsC',
        'frequencyMhz',
        'voltageV',
        'hwErrors',
      ],
      readBoards,
    ),
    fans(['slot', 'rpm'], readFans),
    pools({
      from: readPools,
      fills: ['url', 'user', 'priority', 'alive', 'active', 'accepted', 'rejected', 'stale'],
    }),
    shares(section('summary', 'SUMMARY'), ['accepted', 'rejected', 'stale', 'hwErrors']),
    state(['mining', 'uptimeS'], (replies, reading) => {
      const { nowThs } = reading.hashrate;
      return {
        mining: nowThs === null ? null : nowThs > 0,
        uptimeS: duration(
          first(at('summary', 'SUMMARY', 'Elapsed'), (from) => webRows(from)[0]?.['time'])(replies),
        ),
      };
    }),
  ],
};

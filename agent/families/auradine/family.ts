import { getFrom, rpc } from '../ask.ts';
import type { SessionLogin } from '../ask.ts';
import {
  at,
  boards,
  errors,
  fans,
  first,
  hashrate,
  identity,
  inlet,
  pools,
  power,
  psuFans,
  remembered,
  section,
  shares,
  state,
} from '../capabilities.ts';
import type { Family, Step } from '../family.ts';
import { duration, flag, num, positive, row, rows, text } from '../values.ts';
import { controlBoardC, led, mode, psu, readBoards, report } from './replies.ts';

const PORT = 8080;

const LOGIN: SessionLogin = {
  method: 'POST',
  path: '/token',
  as: 'json',
  fields: { command: 'token', user: '{user}', password: '{password}' },
  session: { json: ['Token', 0, 'Token'] },
  header: { name: 'token', prefix: '' },
};

const page = (path: string) => getFrom(path, { port: PORT, login: LOGIN });

const WEB: readonly Step[] = [
  // Serials of the boards are here only, and go with the boards.
  {
    ask: [page('/ipreport')],
    every: 'hour',
    keepWhen: (replies) => Array.isArray(report(replies)['HBSerialNo']),
  },
  { ask: [page('/fan'), page('/psu'), page('/mode'), page('/led')], every: 'poll' },
  { ask: [page('/temperature')], every: 'poll' },
];

/** Codes of the lamp that are no fault: normal, and "here I am". */
const FINE = new Set([2, 3]);

export const auradine: Family = {
  id: 'auradine',
  make: 'Auradine',
  product: 'FluxOS',
  recognise: { cgminer: [/GCMINER|FLUXOS/], page: /Miner UI/ },
  login: { user: 'admin', password: 'admin' },
  model: (raw) => raw.replace(/^\s*(?:auradine|teraflux)\s+/i, '').trim() || null,
  plans: new Map<number, readonly Step[]>([
    [
      4028,
      [
        { ask: [rpc('summary'), rpc('devs'), rpc('pools')], join: true, every: 'poll' },
        { ask: [rpc('version')], every: 'hour' },
        { ask: [rpc('asccount')], every: 'hour', keepWhen: (replies) => replies.has('asccount') },
        ...WEB,
      ],
    ],
    [PORT, [{ ask: [page('/summary')], every: 'poll' }, ...WEB]],
  ]),
  capabilities: [
    identity({
      modelRaw: (replies) => report(replies)['model'],
      mac: (replies) => report(replies)['mac'],
      serial: (replies) => report(replies)['SerialNo'],
      hostname: (replies) => report(replies)['hostname'],
      firmwareVersion: first(
        (replies) => report(replies)['version'],
        remembered('firmwareVersion'),
        at('version', 'VERSION', 'GCMiner'),
      ),
      apiVersion: first(at('version', 'VERSION', 'API'), remembered('apiVersion')),
      controlBoard: (replies) => report(replies)['InternalType'],
      algorithm: () => 'sha256',
    }),
    hashrate({
      now: ['summary', '/summary'].map((reply) => ({
        from: at(reply, 'SUMMARY', 'MHS 5s'),
        unit: 'MH/s' as const,
        window: '5s',
      })),
      average: ['summary', '/summary'].map((reply) => ({
        from: at(reply, 'SUMMARY', 'MHS av'),
        unit: 'MH/s' as const,
      })),
      expected: [
        { from: (replies) => positive(mode(replies)['Ths']) ?? undefined, unit: 'TH/s' },
        { from: at('summary', 'SUMMARY', 'ThsThrottle'), unit: 'TH/s' },
      ],
    }),
    boards(['slot', 'hashrateThs', 'chips', 'boardTempsC', 'chipTempsC', 'serial'], readBoards),
    fans(['slot', 'rpm'], (replies) =>
      rows(row(replies.get('/fan'))['Fan']).map((fan, index) => ({
        slot: num(fan['ID']) ?? index + 1,
        rpm: num(fan['Speed']),
        percent: null,
      })),
    ),
    psuFans((replies) =>
      ['FanSpeed1', 'FanSpeed2'].map((key) => num(psu(replies)[key])).filter((rpm) => rpm !== null),
    ),
    pools({
      from: (replies) => row(replies.get('pools'))['POOLS'],
      fills: ['url', 'user', 'priority', 'alive', 'active', 'accepted', 'rejected'],
    }),
    shares(section('summary', 'SUMMARY'), ['accepted', 'rejected', 'hwErrors']),
    power(['watts', 'source', 'limitW', 'mode'], (replies) => {
      const watts =
        positive(at('summary', 'SUMMARY', 'Wattage')(replies)) ?? positive(psu(replies)['PowerIn']);
      return {
        watts,
        source: watts === null ? null : 'psu',
        // 0 while it is tuned to a hashrate.
        limitW: positive(mode(replies)['Power']),
        mode: text(mode(replies)['Mode']),
      };
    }),
    inlet(controlBoardC),
    state(['mining', 'text', 'uptimeS'], (replies, reading) => {
      const asleep = flag(mode(replies)['Sleep']) === true;
      const { nowThs } = reading.hashrate;
      return {
        mining: asleep ? false : nowThs === null ? null : nowThs > 0,
        text: asleep ? 'sleep' : text(led(replies)['Msg']),
        uptimeS: duration(
          first(at('summary', 'SUMMARY', 'Elapsed'), at('/summary', 'SUMMARY', 'Elapsed'))(replies),
        ),
      };
    }),
    errors((replies) => {
      const code = num(led(replies)['Code']);
      return code === null || FINE.has(code)
        ? []
        : [{ code: String(code), text: text(led(replies)['Msg']), severity: 'error' }];
    }),
  ],
};

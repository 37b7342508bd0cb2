import type { Fan } from '../../reading.ts';
import { get, rpc } from '../ask.ts';
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
import { deviceBoard, devices, driverName, sumOf } from '../cgminer-devices.ts';
import type { Family, Replies, Step } from '../family.ts';
import { num, row, text } from '../values.ts';
import type { Row } from '../values.ts';

const NETWORK_INFO = '/cgi-bin/get_network_info.cgi';

const summary = section('summary', 'SUMMARY');
const devs = devices();
const network = (replies: Replies) => row(replies.get(NETWORK_INFO));

/** "Miner type" is a coin. */
const ALGORITHMS: Readonly<Record<string, string>> = {
  dash: 'x11',
  dcr: 'blake256r14',
  decred: 'blake256r14',
  ltc: 'scrypt',
  btc: 'sha256',
};

/** `Fan1`, `Fan 2` … of the machine, else of its devices. `Fan Num` counts them. */
function readFans(replies: Replies): Fan[] {
  for (const source of [[summary(replies)], devs(replies)]) {
    const found = new Map<number, number>();
    for (const entry of source) for (const [slot, rpm] of numberedFans(entry)) found.set(slot, rpm);
    if (found.size > 0) {
      return [...found]
        .sort(([a], [b]) => a - b)
        .map(([slot, rpm]) => ({ slot, rpm, percent: null }));
    }
  }
  return [];
}

function numberedFans(entry: Row): [slot: number, rpm: number][] {
  return Object.entries(entry).flatMap(([key, value]) => {
    const slot = /^fan\D{0,8}(\d+)/i.exec(key)?.[1];
    const rpm = num(value);
    return slot === undefined || rpm === null ? [] : [[Number(slot), rpm] as [number, number]];
  });
}

const WHO: readonly Step[] = [{ ask: [get(NETWORK_INFO, 'digest')], every: 'hour' }];

export const strongu: Family = {
  id: 'strongu',
  make: 'StrongU',
  product: 'StrongU',
  recognise: { cgminer: [/"NAME"\s*:\s*"U(?:6|8|1\+*|2|2000)"/], realm: /^stuMiner/i },
  login: { user: 'root', password: 'root' },
  model: (raw) => (/^u\d/i.test(raw) ? `STU-${raw.toUpperCase().replace(/^U2000$/, 'U2')}` : raw),
  plans: new Map<number, readonly Step[]>([
    [
      4028,
      [
        { ask: [rpc('summary'), rpc('devs'), rpc('pools')], join: true, every: 'poll' },
        { ask: [rpc('version')], every: 'hour' },
        ...WHO,
      ],
    ],
    [80, [{ ask: [get(NETWORK_INFO, 'digest')], every: 'poll' }]],
  ]),
  capabilities: [
    identity({
      modelRaw: first(driverName(devs), remembered('modelRaw')),
      mac: (replies) => network(replies)['conf_macaddr'] ?? network(replies)['macaddr'],
      hostname: (replies) => network(replies)['conf_hostname'],
      apiVersion: at('version', 'VERSION', 'API'),
      algorithm: (replies) => {
        const coin = text(summary(replies)['Miner type'])?.toLowerCase();
        return coin === undefined ? null : (ALGORITHMS[coin] ?? coin);
      },
    }),
    hashrate({
      now: [
        // The U2's own total is not one: its devices are.
        {
          from: (replies) =>
            /^u2/i.test(text(driverName(devs)(replies)) ?? '')
              ? sumOf(devs, 'MHS 5s')(replies)
              : undefined,
          unit: 'MH/s',
          window: '5s',
        },
        { from: (replies) => summary(replies)['MHS 5s'], unit: 'MH/s', window: '5s' },
        { from: sumOf(devs, 'MHS 5s'), unit: 'MH/s', window: '5s' },
      ],
      average: [
        { from: (replies) => summary(replies)['MHS av'], unit: 'MH/s' },
        { from: sumOf(devs, 'MHS av'), unit: 'MH/s' },
      ],
      expected: [],
    }),
    boards(
      ['slot', 'hashrateThs', 'chips', 'boardTempsC', 'frequencyMhz', 'voltageV', 'hwErrors'],
      (replies) =>
        devs(replies).map((device, index) =>
          deviceBoard(device, index, {
            chips: num(device['ChipNum']),
            voltageV: num(device['volt']) || null,
          }),
        ),
    ),
    fans(['slot', 'rpm'], readFans),
    pools({ from: (replies) => row(replies.get('pools'))['POOLS'] }),
    shares(summary),
    state(['mining', 'uptimeS'], (replies, reading) => ({
      mining: reading.hashrate.nowThs === null ? null : reading.hashrate.nowThs > 0,
      uptimeS: num(summary(replies)['Elapsed']),
    })),
  ],
};

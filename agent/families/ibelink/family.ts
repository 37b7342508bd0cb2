import type { Board } from '../../reading.ts';
import { rpc } from '../ask.ts';
import {
  boards,
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
import { num, positive, row, sensors, text } from '../values.ts';

const summary = section('summary', 'SUMMARY');
const devs = devices();

/** The sensor of board n is `Temp<n+1>` of the summary; the device's own `Temperature` is always 0. */
function readBoards(replies: Replies): Board[] {
  const from = summary(replies);
  return devs(replies).map((device, index) => {
    const outside = sensors([num(from[`Temp${index + 1}`])]);
    return deviceBoard(device, index, {
      chips: num(device['Asics']),
      ...(outside.length > 0 ? { boardTempsC: outside } : {}),
      frequencyMhz: positive(device['Frequency']) ?? positive(device['PLL']),
      serial: text(device['Chain SN']),
    });
  });
}

const PLAN: readonly Step[] = [
  { ask: [rpc('summary'), rpc('devs'), rpc('pools')], join: true, every: 'poll' },
];

export const ibelink: Family = {
  id: 'ibelink',
  make: 'iBeLink',
  product: 'iBeLink',
  recognise: { cgminer: [/"NAME"\s*:\s*"BM-/, /"HASH METHOD"[^{}]{0,2000}"MACADDRESS"/] },
  plans: new Map<number, readonly Step[]>([[4028, PLAN]]),
  capabilities: [
    identity({
      modelRaw: first(driverName(devs), remembered('modelRaw')),
      mac: (replies) => summary(replies)['macaddress'],
      firmwareVersion: (replies) => devs(replies)[0]?.['Version'],
    }),
    hashrate({
      now: [
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
      ['slot', 'hashrateThs', 'chips', 'boardTempsC', 'frequencyMhz', 'hwErrors', 'serial'],
      readBoards,
    ),
    pools({ from: (replies) => row(replies.get('pools'))['POOLS'] }),
    shares(summary),
    state(['mining', 'uptimeS'], (replies, reading) => ({
      mining: reading.hashrate.nowThs === null ? null : reading.hashrate.nowThs > 0,
      uptimeS: num(summary(replies)['Elapsed']),
    })),
  ],
};

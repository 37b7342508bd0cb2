import { rpc } from '../ask.ts';
import { at, boards, hashrate, identity, pools, shares, state } from '../capabilities.ts';
import { deviceBoard, devices, longest, sumOf } from '../cgminer-devices.ts';
import type { Family, Step } from '../family.ts';
import { num, row } from '../values.ts';

const devs = devices();

const PLAN: readonly Step[] = [
  { ask: [rpc('devs'), rpc('pools')], join: true, every: 'poll' },
  { ask: [rpc('version')], every: 'hour' },
];

export const hyperbit: Family = {
  id: 'hyperbit',
  make: 'Hyperbit',
  product: 'Hyperbit',
  recognise: { cgminer: [/"DESCRIPTION"\s*:\s*"CPUMINER/, /"NAME"\s*:\s*"TTYS\d/] },
  plans: new Map<number, readonly Step[]>([[4028, PLAN]]),
  capabilities: [
    identity({
      modelRaw: at('version', 'VERSION', 'Type'),
      firmwareVersion: at('devs', 'STATUS', 'Description'),
    }),
    hashrate({
      now: [
        { from: sumOf(devs, 'MHS 5s'), unit: 'MH/s', window: '5s' },
        { from: sumOf(devs, 'MHS av'), unit: 'MH/s', window: 'average' },
      ],
      average: [{ from: sumOf(devs, 'MHS av'), unit: 'MH/s' }],
      expected: [],
    }),
    boards(['slot', 'hashrateThs', 'boardTempsC', 'hwErrors'], (replies) =>
      devs(replies).map((device, index) => deviceBoard(device, index)),
    ),
    pools({ from: (replies) => row(replies.get('pools'))['POOLS'] }),
    shares(
      (replies) => ({ 'Hardware Errors': sumOf(devs, 'Hardware Errors')(replies) ?? null }),
      ['accepted', 'rejected', 'stale', 'hwErrors'],
    ),
    state(['mining', 'uptimeS'], (replies, reading) => ({
      mining: reading.hashrate.nowThs === null ? null : reading.hashrate.nowThs > 0,
      uptimeS: num(longest(devs, 'Device Elapsed')(replies)),
    })),
  ],
};

import { get, rpc } from '../ask.ts';
import { at, boards, fans, hashrate, identity, pools, shares, state } from '../capabilities.ts';
import { deviceBoard, devices, longest, sumOf } from '../cgminer-devices.ts';
import type { Family, Replies, Step } from '../family.ts';
import { flag, num, row, rows, text } from '../values.ts';

const devs = devices();
const poolRows = (replies: Replies) => rows(row(replies.get('pools'))['POOLS']);

/** Of a wrapped 64-bit counter: 2^64 hashes in MH, whatever the machine did. */
const WRAPPED_TOTAL_MH = 2 ** 64 / 1e6;

/** sgminer's total can run below zero and wrap; the average made of it is then nonsense. */
function average(replies: Replies) {
  const isWrapped = devs(replies).some(
    (device) => (num(device['Total MH']) ?? 0) > WRAPPED_TOTAL_MH / 2,
  );
  return isWrapped ? undefined : sumOf(devs, 'MHS av')(replies);
}

const LOGIN_PAGE = '/login.php';

export const baikal: Family = {
  id: 'baikal',
  make: 'Baikal',
  product: 'Baikal',
  recognise: { cgminer: [/"NAME"\s*:\s*"BKL/, /"DESCRIPTION"\s*:\s*"SGMINER/], page: /baikal/i },
  plans: new Map<number, readonly Step[]>([
    [
      4028,
      [
        { ask: [rpc('devs'), rpc('pools')], join: true, every: 'poll' },
        { ask: [rpc('version')], every: 'hour' },
      ],
    ],
    // The miner process serves 4028: without it the web server is all there is.
    [80, [{ ask: [{ ...get(LOGIN_PAGE), page: true }], every: 'poll' }]],
  ]),
  capabilities: [
    identity({
      firmwareVersion: at('devs', 'STATUS', 'Description'),
      apiVersion: at('version', 'VERSION', 'API'),
      // It mines what the pool in use is for.
      algorithm: (replies) =>
        text(poolRows(replies).find((pool) => flag(pool['Stratum Active']))?.['Algorithm']),
    }),
    hashrate({
      now: [
        { from: sumOf(devs, 'MHS 5s', 'KHS 5s'), unit: 'MH/s', window: '5s' },
        { from: average, unit: 'MH/s', window: 'average' },
      ],
      average: [{ from: average, unit: 'MH/s' }],
      expected: [],
    }),
    boards(['slot', 'hashrateThs', 'boardTempsC', 'hwErrors'], (replies) =>
      devs(replies).map((device, index) => deviceBoard(device, index)),
    ),
    // One fan control for all boards: each device repeats its percentage.
    fans(['slot', 'percent'], (replies) => {
      const told = devs(replies).flatMap((device) => num(device['Fan Percent']) ?? []);
      return [...new Set(told)].map((percent, index) => ({ slot: index + 1, rpm: null, percent }));
    }),
    pools({ from: (replies) => row(replies.get('pools'))['POOLS'] }),
    shares(
      (replies) => ({
        'Hardware Errors': sumOf(devs, 'Hardware Errors')(replies) ?? null,
      }),
      ['accepted', 'rejected', 'stale', 'hwErrors'],
    ),
    state(['mining', 'text', 'uptimeS'], (replies, reading) => {
      const { nowThs } = reading.hashrate;
      if (replies.has(LOGIN_PAGE) && !replies.has('devs')) {
        return { mining: false, text: 'the miner process does not answer', uptimeS: null };
      }
      return {
        mining: nowThs === null ? null : nowThs > 0,
        uptimeS: num(longest(devs, 'Device Elapsed')(replies)),
      };
    }),
  ],
};

import type { Board, Fan } from '../../reading.ts';
import { get, rpc } from '../ask.ts';
import { boards, fans, first, hashrate, identity, pools, shares, state } from '../capabilities.ts';
import { deviceBoard, deviceSlot, devices, longest, sumOf } from '../cgminer-devices.ts';
import type { Family, Replies, Step } from '../family.ts';
import { duration, num, positive, row, rows, sensors } from '../values.ts';
import type { Row } from '../values.ts';

const OVERVIEW = '/api/overview';

const edevs = devices('edevs');
const info = (replies: Replies) => row(row(replies.get(OVERVIEW))['minerInfo']);

/** One row of `stats` for each chain; those of the pools follow. */
const chains = (replies: Replies) =>
  rows(row(replies.get('stats'))['STATS']).filter((entry) => 'Chain ID' in entry);

function readBoards(replies: Replies): Board[] {
  const told = chains(replies);
  return edevs(replies).map((device, index) => {
    const slot = deviceSlot(device, index);
    const chain = told.find((entry) => num(entry['Chain ID']) === slot);
    return deviceBoard(device, index, chain && ofChain(chain));
  });
}

function ofChain(chain: Row): Partial<Board> {
  const board = sensors([num(chain['Temp'])]);
  return {
    chips: num(chain['Num chips']),
    chipsGood: num(chain['Num active chips']),
    ...(board.length > 0 ? { boardTempsC: board } : {}),
    chipTempsC: sensors(
      Object.entries(chain)
        .filter(([key]) => /^\d+ Temp$/.test(key))
        .map(([, value]) => num(value)),
    ),
    frequencyMhz: positive(chain['PLL']),
  };
}

/** `Fan0 rpm`, `Fan1 rpm` … of the machine, repeated for each chain. */
function readFans(replies: Replies): Fan[] {
  const [chain = {}] = chains(replies);
  return Object.entries(chain).flatMap(([key, value]) => {
    const slot = /^Fan(\d+) rpm$/.exec(key)?.[1];
    const rpm = num(value);
    if (slot === undefined || rpm === null) return [];
    return [{ slot: Number(slot), rpm, percent: num(chain['Fan duty']) }];
  });
}

const KNOCK = get(OVERVIEW);

export const honorknight: Family = {
  id: 'honorknight',
  make: 'HonorKnight',
  product: 'HonorKnight',
  recognise: {
    cgminer: [/"ID"\s*:\s*"IT1\d+"/, /"NAME"\s*:\s*"IT1"/],
    knocks: { at: KNOCK, says: /"minerInfo"[^]*"minerVersion"/ },
  },
  plans: new Map<number, readonly Step[]>([
    [
      4028,
      [
        { ask: [rpc('stats'), rpc('edevs'), rpc('pools')], join: true, every: 'poll' },
        { ask: [KNOCK], every: 'hour' },
      ],
    ],
    [80, [{ ask: [KNOCK], every: 'poll' }]],
  ]),
  capabilities: [
    identity({
      modelRaw: (replies) => info(replies)['model'],
      mac: (replies) => info(replies)['macAddress'],
      serial: (replies) => info(replies)['sn'],
      firmwareVersion: (replies) => info(replies)['minerVersion'],
      controlBoard: (replies) => info(replies)['hardwareVersion'],
      algorithm: () => 'sha256',
    }),
    hashrate({
      now: [{ from: sumOf(edevs, 'MHS 5s'), unit: 'MH/s', window: '5s' }],
      average: [{ from: sumOf(edevs, 'MHS av'), unit: 'MH/s' }],
      expected: [],
    }),
    boards(
      [
        'slot',
        'hashrateThs',
        'chips',
        'chipsGood',
        'boardTempsC',
        'chipTempsC',
        'frequencyMhz',
        'hwErrors',
      ],
      readBoards,
    ),
    fans(['slot', 'rpm', 'percent'], readFans),
    pools({ from: (replies) => row(replies.get('pools'))['POOLS'] }),
    shares(
      (replies) => ({
        'Hardware Errors': sumOf(edevs, 'Hardware Errors')(replies) ?? null,
      }),
      ['accepted', 'rejected', 'stale', 'hwErrors'],
    ),
    state(['mining', 'uptimeS'], (replies, reading) => ({
      mining: reading.hashrate.nowThs === null ? null : reading.hashrate.nowThs > 0,
      uptimeS: duration(
        first(longest(edevs, 'Device Elapsed'), longest(chains, 'Elapsed'), (from) => {
          return info(from)['upTime'];
        })(replies),
      ),
    })),
  ],
};

import { getFrom } from '../ask.ts';
import type { SessionLogin } from '../ask.ts';
import {
  boards,
  fans,
  hashrate,
  identity,
  inlet,
  pools,
  power,
  shares,
  state,
} from '../capabilities.ts';
import type { Family, Replies, Step } from '../family.ts';
import { machineFans, numbered, onePool, slotBoards } from '../openminer.ts';
import { num, positive, row, text } from '../values.ts';

const STATISTICS = '/api/om/miner/stat/agg';

const SESSION: SessionLogin = {
  method: 'POST',
  path: '/api/login',
  as: 'json',
  fields: { email: '{user}', password: '{password}' },
  session: { json: ['token'] },
  header: { name: 'authorization', prefix: 'Bearer ' },
};

const all = (replies: Replies) => row(replies.get(STATISTICS));
const master = (replies: Replies) => row(all(replies)['master']);
const supply = (replies: Replies) => row(all(replies)['pwr']);
const interval = (replies: Replies, seconds: number) =>
  numbered(row(master(replies)['intervals']), seconds);

const PLAN: readonly Step[] = [{ ask: [getFrom(STATISTICS, { login: SESSION })], every: 'poll' }];

export const bitfury: Family = {
  id: 'bitfury',
  make: 'Bitfury',
  product: 'OpenMiner',
  recognise: { page: /openminer|bitfury/i },
  login: { user: 'admin', password: 'admin' },
  plans: new Map<number, readonly Step[]>([[80, PLAN]]),
  capabilities: [
    identity({
      mac: (replies) => all(replies)['mac'],
      hostname: (replies) => all(replies)['hostname'],
      firmwareVersion: (replies) => row(all(replies)['versions'])['softwareVersion'],
      algorithm: () => 'sha256',
    }),
    hashrate({
      now: [{ from: (replies) => interval(replies, 30)['bySol'], unit: 'GH/s', window: '30s' }],
      average: [{ from: (replies) => interval(replies, 0)['bySol'], unit: 'GH/s' }],
      expected: [],
    }),
    boards(['slot', 'hashrateThs', 'chips', 'chipTempsC', 'voltageV', 'hwErrors'], (replies) =>
      slotBoards(all(replies)['slots']),
    ),
    fans(['slot', 'rpm', 'percent'], (replies) =>
      machineFans(all(replies)['fansRpm'], all(replies)['fans']),
    ),
    pools({ from: (replies) => onePool(row(all(replies)['pool'])) }),
    shares(() => ({}), ['accepted', 'rejected', 'stale', 'hwErrors']),
    power(['watts', 'source', 'mode'], (replies) => {
      const watts = positive(master(replies)['psuW']);
      const isOn = num(supply(replies)['powerOn']);
      return {
        // Before the boards are switched on, only the controller draws.
        mode: isOn === null ? null : isOn > 0 ? 'normal' : 'low',
        ...(watts === null ? {} : { watts, source: 'psu' as const }),
      };
    }),
    inlet((replies) => all(replies)['temperatureFanCold']),
    state(['mining', 'text', 'uptimeS'], (replies, reading) => ({
      mining: reading.hashrate.nowThs === null ? null : reading.hashrate.nowThs > 0,
      text: text(supply(replies)['state']),
      uptimeS: num(master(replies)['upTime']),
    })),
  ],
};

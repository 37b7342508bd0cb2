import { get } from '../ask.ts';
import {
  boards,
  errors,
  fans,
  first,
  hashrate,
  identity,
  pools,
  power,
  shares,
  state,
} from '../capabilities.ts';
import type { Family, Step } from '../family.ts';
import { duration, positive, row, text } from '../values.ts';
import {
  about,
  CONF,
  NETWORK,
  POOLS,
  POWER,
  readBoards,
  readErrors,
  readFans,
  readPools,
  stats,
  STATS,
  summary,
  SUMMARY,
  SYSTEM,
  unitSaid,
  versionOf,
  WORK_MODES,
  workMode,
} from './pages.ts';

const cgi = (path: string) => get(path, 'digest');

export const elphapex: Family = {
  id: 'elphapex',
  make: 'Elphapex',
  product: 'Elphapex',
  recognise: { realm: /^Daoge/i },
  login: { user: 'root', password: 'root' },
  model: (raw) => raw.replace(/^\s*elphapex\s*/i, '').trim() || null,
  plans: new Map<number, readonly Step[]>([
    [
      80,
      [
        { ask: [cgi(STATS), cgi(SUMMARY), cgi(POOLS)], every: 'poll' },
        { ask: [cgi(CONF), cgi(POWER)], every: 'poll' },
        { ask: [cgi(SYSTEM)], every: 'hour' },
        {
          ask: [cgi(NETWORK)],
          every: 'hour',
          when: (replies) => !replies.has(SYSTEM) && replies.known.mac === null,
        },
      ],
    ],
  ]),
  capabilities: [
    identity({
      modelRaw: first(
        (replies) => row(replies.get(SYSTEM))['minertype'],
        (replies) => about(replies)['type'],
      ),
      mac: (replies) => row(replies.get(SYSTEM))['macaddr'] ?? row(replies.get(NETWORK))['macaddr'],
      hostname: (replies) =>
        row(replies.get(SYSTEM))['hostname'] ?? row(replies.get(NETWORK))['conf_hostname'],
      serial: (replies) => about(replies)['dev_sn'],
      firmwareVersion: (replies) =>
        versionOf(row(replies.get(SYSTEM))['system_filesystem_version']) ??
        versionOf(about(replies)['miner_version']),
      apiVersion: (replies) =>
        row(row(replies.get(STATS) ?? replies.get(SUMMARY))['STATUS'])['api_version'],
      controlBoard: (replies) => about(replies)['hw_version'],
      algorithm: (replies) => text(row(replies.get(SYSTEM))['Algorithm'])?.toLowerCase(),
    }),
    hashrate({
      now: [
        { from: (replies) => summary(replies)['rate_5s'], unit: unitSaid, window: '5s' },
        { from: (replies) => stats(replies)['rate_5s'], unit: unitSaid, window: '5s' },
      ],
      average: [
        { from: (replies) => summary(replies)['rate_avg'], unit: unitSaid },
        { from: (replies) => stats(replies)['rate_avg'], unit: unitSaid },
      ],
      expected: [
        { from: (replies) => summary(replies)['rate_ideal'], unit: unitSaid },
        { from: (replies) => stats(replies)['rate_ideal'], unit: unitSaid },
      ],
    }),
    boards(
      [
        'slot',
        'hashrateThs',
        'expectedThs',
        'chips',
        'chipTempsC',
        'frequencyMhz',
        'hwErrors',
        'serial',
      ],
      readBoards,
    ),
    fans(['slot', 'rpm'], readFans),
    pools({
      from: readPools,
      fills: ['url', 'user', 'priority', 'alive', 'accepted', 'rejected', 'stale'],
    }),
    shares(
      (replies) => ({ 'Hardware Errors': summary(replies)['hw_all'] ?? null }),
      ['accepted', 'rejected', 'stale', 'hwErrors'],
    ),
    power(['watts', 'source', 'mode'], (replies) => {
      const watts = positive(row(replies.get(POWER))['power_output']);
      return {
        watts,
        source: watts === null ? null : 'psu',
        mode: WORK_MODES[workMode(replies) ?? -1] ?? null,
      };
    }),
    state(['mining', 'text', 'uptimeS'], (replies, reading) => {
      const mode = workMode(replies);
      const { nowThs } = reading.hashrate;
      const asleep = mode === 1;
      return {
        // Told to mine is mining for this firmware, also before the first share.
        mining: mode === null ? (nowThs === null ? null : nowThs > 0) : !asleep,
        text: asleep ? 'sleeping' : null,
        uptimeS: duration(
          first(
            (from) => summary(from)['elapsed'],
            (from) => stats(from)['elapsed'],
          )(replies),
        ),
      };
    }),
    errors(readErrors),
  ],
};

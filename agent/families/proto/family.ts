import { get } from '../ask.ts';
import {
  boards,
  errors,
  fans,
  hashrate,
  identity,
  pools,
  power,
  shares,
  state,
} from '../capabilities.ts';
import type { Family, Step } from '../family.ts';
import { num, positive, row, rows, text } from '../values.ts';
import {
  COOLING,
  ERRORS,
  HARDWARE,
  hardware,
  MINING,
  mining,
  minerRate,
  NETWORK,
  POOLS,
  readBoards,
  readErrors,
  readFans,
  readPools,
  SYSTEM,
  system,
  TELEMETRY,
} from './replies.ts';

export const proto: Family = {
  id: 'proto',
  make: 'Proto',
  product: 'ProtoOS',
  recognise: {
    page: /Proto ?OS/i,
    confirm: (replies) => replies.has(SYSTEM) || replies.has(MINING),
  },
  plans: new Map<number, readonly Step[]>([
    [
      80,
      [
        {
          ask: [get(MINING), get(TELEMETRY), get(COOLING), get(POOLS), get(ERRORS)],
          every: 'poll',
        },
        { ask: [get(SYSTEM), get(NETWORK)], every: 'hour' },
        // Chips of each board: a board may be exchanged between two polls.
        { ask: [get(HARDWARE)], every: 'hour', keepWhen: (replies) => replies.has(HARDWARE) },
      ],
    ],
  ]),
  capabilities: [
    identity({
      modelRaw: (replies) => system(replies)['model'] ?? system(replies)['product_name'],
      mac: (replies) => row(row(replies.get(NETWORK))['network-info'])['mac'],
      hostname: (replies) => row(row(replies.get(NETWORK))['network-info'])['hostname'],
      serial: (replies) =>
        system(replies)['cb_sn'] ?? row(hardware(replies)['cb-info'])['serial_number'],
      firmwareVersion: (replies) => row(system(replies)['os'])['version'],
      controlBoard: (replies) => system(replies)['board'],
      algorithm: () => 'sha256',
    }),
    hashrate({
      now: [
        { from: (replies) => mining(replies)['hashrate_ghs'], unit: 'GH/s', window: 'realtime' },
        { from: minerRate, unit: 'TH/s', window: 'realtime' },
      ],
      average: [{ from: (replies) => mining(replies)['average_hashrate_ghs'], unit: 'GH/s' }],
      expected: [{ from: (replies) => mining(replies)['ideal_hashrate_ghs'], unit: 'GH/s' }],
    }),
    boards(
      [
        'slot',
        'hashrateThs',
        'expectedThs',
        'chips',
        'boardTempsC',
        'voltageV',
        'powerW',
        'serial',
      ],
      readBoards,
    ),
    fans(['slot', 'rpm', 'percent'], readFans),
    pools({
      from: readPools,
      fills: ['url', 'user', 'priority', 'alive', 'active', 'accepted', 'rejected'],
    }),
    shares(
      (replies) => ({ 'Hardware Errors': mining(replies)['hw_errors'] ?? null }),
      ['accepted', 'rejected', 'hwErrors'],
    ),
    power(['watts', 'source', 'limitW'], (replies) => {
      const supplies = rows(row(replies.get(TELEMETRY))['psus']);
      const input = supplies.reduce((sum, psu) => sum + (num(row(psu['power'])['input']) ?? 0), 0);
      const watts = positive(mining(replies)['power_usage_watts']) ?? (input > 0 ? input : null);
      return {
        watts,
        source: watts === null ? null : 'psu',
        limitW: positive(mining(replies)['power_target_watts']),
      };
    }),
    state(['mining', 'text', 'uptimeS'], (replies) => {
      const status = text(mining(replies)['status']);
      return {
        // "Mining", also while degraded; "Stopped", "PoweringOn", "NoPools", "Error" are not.
        mining: status === null ? null : /^(?:mining|degraded)/i.test(status),
        text: status,
        uptimeS: num(mining(replies)['mining_uptime_s']),
      };
    }),
    errors(readErrors),
  ],
};

import { getFrom } from '../ask.ts';
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
import type { Family } from '../family.ts';
import { num, positive, row, rows, text } from '../values.ts';
import {
  boardGhs,
  capabilitiesOf,
  NETWORK,
  readBoards,
  readFans,
  readPools,
  session,
  summary,
  tuneTarget,
} from './replies.ts';

const ask = (path: string) => getFrom(path, { port: 4028 });

export const epic: Family = {
  id: 'epic',
  make: 'ePIC',
  product: 'ePIC',
  recognise: {
    // HTTP where others have cgminer: the refusal of a request that is none.
    cgminer: [/^HTTP\/1/],
    page: /Miner Web Dashboard/i,
    confirm: (replies) => 'Session' in summary(replies) || 'Stratum' in summary(replies),
    confirmOn: [4028],
  },
  model: (raw) => raw.replace(/^\s*(?:antminer|whatsminer|epic)\s+/i, '').trim() || null,
  plans: new Map([
    [
      4028,
      [
        { ask: [ask('/summary')], every: 'poll' },
        { ask: [ask('/temps')], every: 'poll' },
        { ask: [ask(NETWORK)], every: 'hour' },
        {
          // The rated hashrate and the chips of a board are told here only.
          ask: [ask('/capabilities')],
          every: 'hour',
          keepWhen: (replies) => replies.has('/capabilities'),
        },
      ],
    ],
  ]),
  capabilities: [
    identity({
      make: (replies) => {
        const model = text(capabilitiesOf(replies)['Model']) ?? '';
        return /^antminer/i.test(model)
          ? 'AntMiner'
          : /^whatsminer/i.test(model)
            ? 'Whatsminer'
            : undefined;
      },
      modelRaw: (replies) => capabilitiesOf(replies)['Model'],
      mac: (replies) => {
        const network = row(replies.get(NETWORK));
        return row(network['dhcp'])['mac_address'] ?? row(network['static'])['mac_address'];
      },
      hostname: (replies) => summary(replies)['Hostname'],
      serial: (replies) => row(capabilitiesOf(replies)['Control Board Version'])['cpuSerial'],
      firmwareVersion: (replies) => summary(replies)['Software'],
      controlBoard: (replies) =>
        row(capabilitiesOf(replies)['Control Board Version'])['cpuHardware'],
      algorithm: (replies) => row(summary(replies)['Mining'])['Algorithm'],
    }),
    hashrate({
      now: [
        { from: (replies) => boardGhs(replies), unit: 'GH/s', window: 'realtime' },
        // Old ePIC firmware says nothing of the moment.
        { from: (replies) => session(replies)['Average MHs'], unit: 'MH/s', window: 'session' },
      ],
      average: [{ from: (replies) => session(replies)['Average MHs'], unit: 'MH/s' }],
      expected: [
        { from: (replies) => capabilitiesOf(replies)['Default Hashrate'], unit: 'TH/s' },
        { from: (replies) => tuneTarget(replies, 'TH/s'), unit: 'TH/s' },
      ],
    }),
    boards(
      [
        'slot',
        'hashrateThs',
        'chips',
        'chipsExpected',
        'boardTempsC',
        'frequencyMhz',
        'voltageV',
        'powerW',
        'serial',
      ],
      readBoards,
    ),
    fans(['slot', 'rpm', 'percent'], readFans),
    pools({
      from: readPools,
      fills: ['url', 'user', 'priority', 'alive', 'active', 'accepted', 'rejected', 'stale'],
    }),
    shares(
      (replies) => ({
        Accepted: session(replies)['Accepted'] ?? null,
        Rejected: session(replies)['Rejected'] ?? null,
      }),
      ['accepted', 'rejected', 'stale'],
    ),
    power(['watts', 'source', 'limitW', 'mode'], (replies) => {
      const measured = positive(row(summary(replies)['Power Supply Stats'])['Input Power']);
      const dc = rows(summary(replies)['HBs']).reduce(
        (sum, one) => sum + (positive(one['Input Power']) ?? 0),
        0,
      );
      return {
        watts: measured ?? (dc > 0 ? dc : null),
        source: measured !== null ? 'psu' : dc > 0 ? 'dc' : null,
        limitW:
          tuneTarget(replies, 'W') ?? positive(row(summary(replies)['PresetInfo'])['Target Power']),
        mode: text(summary(replies)['Preset']),
      };
    }),
    state(['mining', 'text', 'uptimeS'], (replies, reading) => {
      const operating = text(row(summary(replies)['Status'])['Operating State']);
      const { nowThs } = reading.hashrate;
      return {
        mining:
          operating === null ? (nowThs === null ? null : nowThs > 0) : /^mining/i.test(operating),
        text: operating,
        uptimeS: num(session(replies)['Uptime']),
      };
    }),
    errors((replies) => {
      const last = text(row(summary(replies)['Status'])['Last Error']);
      return last === null ? [] : [{ code: 'last-error', text: last, severity: 'error' }];
    }),
  ],
};

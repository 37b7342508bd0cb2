import { get, rpc } from '../ask.ts';
import type { SessionLogin } from '../ask.ts';
import {
  at,
  boards,
  errors,
  fans,
  first,
  hashrate,
  identity,
  pools,
  power,
  psuFans,
  remembered,
  section,
  shares,
  state,
} from '../capabilities.ts';
import type { Family, Step } from '../family.ts';
import { duration, positive, row, text } from '../values.ts';
import { readBoards, readFans, stats } from './stats.ts';

const SYSTEM = '/cgi-bin/get_system_info.php';

const LOGIN: SessionLogin = {
  method: 'POST',
  path: '/cgi-bin/login.php',
  as: 'form',
  fields: { username: '{user}', origin_pwd: '{password}' },
  session: { cookie: /^PHPSESSID/i },
};

export const sealminer: Family = {
  id: 'sealminer',
  make: 'SealMiner',
  product: 'Bitdeer',
  recognise: { cgminer: [/BDMINER/] },
  login: { user: 'seal', password: 'seal' },
  model: (raw) => raw.replace(/^\s*sealminer\s*/i, '').trim() || null,
  plans: new Map<number, readonly Step[]>([
    [
      4028,
      [
        { ask: [rpc('summary'), rpc('stats'), rpc('pools')], join: true, every: 'poll' },
        { ask: [rpc('version')], every: 'hour' },
        {
          // All of it is in `stats` as well, except on builds that leave the address out.
          ask: [get(SYSTEM, LOGIN)],
          every: 'hour',
        },
      ],
    ],
  ]),
  capabilities: [
    identity({
      modelRaw: first(
        (replies) => stats(replies)['Model'],
        (replies) => row(replies.get(SYSTEM))['miner_type'],
      ),
      mac: (replies) => stats(replies)['MAC'] ?? row(replies.get(SYSTEM))['macaddr'],
      serial: (replies) => stats(replies)['Ctrl Board SN'] ?? row(replies.get(SYSTEM))['crtl_sn'],
      firmwareVersion: (replies) =>
        stats(replies)['Firmware'] ?? row(replies.get(SYSTEM))['firmware_version'],
      apiVersion: first(at('version', 'VERSION', 'API'), remembered('apiVersion')),
      // "taurus_air_v1.1": the board without its revision.
      controlBoard: (replies) =>
        text(stats(replies)['Ctrl Board'] ?? row(replies.get(SYSTEM))['ctrl_version'])?.replace(
          /_v[\d.]+$/i,
          '',
        ),
      algorithm: () => 'sha256',
    }),
    hashrate({
      // Not `MHS 5s` of the summary, which is off by half and more.
      now: [
        { from: (replies) => stats(replies)['MHS(1m)'], unit: 'MH/s', window: '1m' },
        { from: (replies) => stats(replies)['MHS(Sample)'], unit: 'MH/s', window: 'realtime' },
        { from: at('summary', 'SUMMARY', 'MHS 1m'), unit: 'MH/s', window: '1m' },
      ],
      average: [
        { from: at('summary', 'SUMMARY', 'MHS av'), unit: 'MH/s' },
        { from: (replies) => stats(replies)['MHS(Avg)'], unit: 'MH/s' },
      ],
      expected: [
        { from: (replies) => positive(stats(replies)['MHS(Rated)']) ?? undefined, unit: 'MH/s' },
        { from: (replies) => stats(replies)['MHS(Ideal)'], unit: 'MH/s' },
      ],
    }),
    boards(
      [
        'slot',
        'hashrateThs',
        'expectedThs',
        'chips',
        'chipsGood',
        'boardTempsC',
        'chipTempsC',
        'frequencyMhz',
        'serial',
      ],
      readBoards,
    ),
    fans(['slot', 'rpm', 'percent'], readFans),
    psuFans((replies) => {
      const rpm = positive(stats(replies)['PSU Fan Speed']);
      return rpm === null ? [] : [rpm];
    }),
    pools({ from: (replies) => row(replies.get('pools'))['POOLS'] }),
    shares(section('summary', 'SUMMARY')),
    power(['watts', 'source', 'limitW', 'mode'], (replies) => {
      const watts = positive(stats(replies)['PSU Input Power']);
      return {
        watts,
        source: watts === null ? null : 'psu',
        limitW: positive(stats(replies)['Power Limit']),
        mode: text(stats(replies)['Mining Mode']),
      };
    }),
    state(['mining', 'text', 'uptimeS'], (replies, reading) => {
      const running = text(stats(replies)['PM State']);
      const { nowThs } = reading.hashrate;
      return {
        mining: nowThs === null ? null : nowThs > 0,
        text: running,
        uptimeS: duration(
          first(at('summary', 'SUMMARY', 'Elapsed'), (from) => stats(from)['Elapsed'])(replies),
        ),
      };
    }),
    errors((replies) => {
      const codes = text(stats(replies)['Error Code'])?.split(/[\s,;]+/) ?? [];
      const psu = text(stats(replies)['PSU Error']);
      return [
        ...codes.map((code) => ({ code, text: null, severity: 'error' as const })),
        ...(psu === null || /^(?:0x)?0*$/i.test(psu)
          ? []
          : [{ code: `psu:${psu}`, text: 'power supply', severity: 'error' as const }]),
      ];
    }),
  ],
};

import { get, LUCI, rpc, v3 } from '../ask.ts';
import {
  boards,
  errors,
  fans,
  first,
  fluid,
  hashrate,
  identity,
  inlet,
  pools,
  power,
  psuFans,
  shares,
  state,
} from '../capabilities.ts';
import type { Family, Replies, Step } from '../family.ts';
import type { RateUnit } from '../units.ts';
import { flag, num, positive, row, text, unquoted } from '../values.ts';
import { readBoards, readFans } from './boards.ts';
import {
  details,
  deviceInfo,
  isV3,
  list,
  payload,
  readCodes,
  summary,
  summaryCodes,
  v3Status,
  v3Summary,
  version,
} from './replies.ts';
import { overview, OVERVIEW } from './web.ts';

const STATUS_PARTS = ['summary', 'edevs', 'pools'].map((part) => v3('get.miner.status', part));

const OVER_CGMINER: readonly Step[] = [
  { ask: [rpc('summary'), rpc('edevs'), rpc('pools')], join: true, every: 'poll' },
  { ask: [rpc('devs')], every: 'poll', when: (replies) => !replies.has('edevs') },
  {
    ask: [rpc('stats')],
    every: 'poll',
    when: (replies) => !replies.has('edevs') && !replies.has('devs'),
  },
  {
    ask: [rpc('get_error_code')],
    every: 'poll',
    when: (replies) => !('Error Code Count' in summary(replies)),
  },
  {
    // Only a machine that stands still has to say whether it was told to.
    ask: [rpc('status')],
    every: 'poll',
    when: (replies) => !(num(summary(replies)['HS RT'] ?? summary(replies)['MHS 1m']) ?? 0),
  },
  { ask: [rpc('get_version'), rpc('get_miner_info'), rpc('devdetails')], every: 'hour' },
  {
    // Where `summary` leaves out the fan of the power supply.
    ask: [rpc('get_psu')],
    every: 'hour',
    when: (replies) => !('Power Fanspeed' in summary(replies)),
    keepWhen: (replies) => supplyFan(replies) !== null,
  },
  { ask: [rpc('version')], every: 'hour', when: (replies) => !replies.has('get_version') },
];

const OVER_V3: readonly Step[] = [
  { ask: [v3('get.device.info')], every: 'poll' },
  { ask: STATUS_PARTS, join: true, every: 'poll' },
];

const OVER_WEB: readonly Step[] = [
  { ask: [{ ...get(OVERVIEW, LUCI), page: true }], every: 'poll' },
];

/** MH/s by its name; some builds put TH/s there, and no machine makes less than 10,000 MH/s. */
function realtimeUnit(replies: Replies): RateUnit {
  return (num(summary(replies)['HS RT']) ?? 0) < 10_000 ? 'TH/s' : 'MH/s';
}

/** Key case differs between builds. */
function supplyFan(replies: Replies): number | null {
  const told = Object.entries(payload('get_psu')(replies));
  return positive(told.find(([key]) => /^fan[_ ]?speed$/i.test(key))?.[1]);
}

const POWER_MODES: Record<string, string> = { 0: 'Low', 1: 'Normal', 2: 'High' };

/** "M60SVK40", "M60S_VK40", "WhatsMiner M30S++_VH40" → "M60S", "M30S++". */
function modelOf(raw: string): string | null {
  const bare = raw.replace(/^\s*whatsminer\s+/i, '').trim();
  return /^(M\d+[A-Z]*?\+*)(?:_?V[A-Z]?\d.*)?$/i.exec(bare)?.[1] ?? (bare === '' ? null : bare);
}

/** `get_version` gives "1.4.0", "whatsminer v1.4.0" or, on v1.1, a plain string. */
function apiVersion(replies: Replies): string | null {
  const plain = row(replies.get('get_version'))['Msg'];
  const told =
    text(version(replies)['api_ver']) ?? (typeof plain === 'string' ? text(plain) : null);
  return told === null ? null : told.replace(/^\D+/, '');
}

export const whatsminer: Family = {
  id: 'whatsminer',
  make: 'Whatsminer',
  product: 'MicroBT',
  recognise: {
    cgminer: [
      /BTMINER|WHATSMINER|BITMICRO/,
      // btminer's envelope: STATUS is a string at the top, and Msg may hold an object.
      /^\s*\{\s*"STATUS"\s*:\s*"[SIWEF]"/,
      /"MSG"\s*:\s*\{/,
      /"DESCRIPTION"\s*:\s*"CGMINER 4\.9\.2"[\s\S]{0,20000}("ID"\s*:\s*"SM0"|"NAME"\s*:\s*"SM"|"FAN SPEED IN")/,
    ],
    page: /whatsminer|\/cgi-bin\/luci/i,
    whatsminerV3: true,
    // LuCI is also the web server of many routers.
    confirm: (replies) => /whatsminer/i.test(overview('Model')(replies) ?? ''),
  },
  login: { user: 'admin', password: 'admin' },
  model: modelOf,
  plans: new Map<number, readonly Step[]>([
    [4028, OVER_CGMINER],
    [4433, OVER_V3],
    [80, OVER_WEB],
  ]),
  capabilities: [
    identity({
      modelRaw: first(
        (replies) => row(deviceInfo(replies)['miner'])['type'],
        (replies) => details(replies)['Model'],
        (replies) => version(replies)['miner_type'],
        (replies) => payload('get_miner_info')(replies)['model'],
        overview('Model'),
      ),
      mac: first(
        (replies) => row(deviceInfo(replies)['network'])['mac'],
        (replies) => payload('get_miner_info')(replies)['mac'],
        (replies) => summary(replies)['MAC'],
      ),
      hostname: first(
        (replies) => row(deviceInfo(replies)['network'])['hostname'],
        (replies) => payload('get_miner_info')(replies)['hostname'],
        overview('Hostname'),
      ),
      serial: first(
        (replies) => row(deviceInfo(replies)['miner'])['miner-sn'],
        (replies) => payload('get_miner_info')(replies)['minersn'],
      ),
      firmwareVersion: first(
        (replies) => row(deviceInfo(replies)['system'])['fwversion'],
        (replies) => version(replies)['fw_ver'],
        (replies) => unquoted(summary(replies)['Firmware Version']),
        (replies) => unquoted(payload('status')(replies)['Firmware Version']),
        (replies) => payload('status')(replies)['FirmwareVersion'],
        overview('Firmware Version'),
      ),
      apiVersion: first((replies) => row(deviceInfo(replies)['system'])['api'], apiVersion),
      controlBoard: first(
        (replies) => row(deviceInfo(replies)['system'])['platform'],
        (replies) => version(replies)['platform'],
        (replies) => summary(replies)['CB Platform'],
      ),
      algorithm: () => 'sha256',
    }),
    hashrate({
      now: [
        {
          from: (replies) => v3Summary(replies)['hash-realtime'],
          unit: 'TH/s',
          window: 'realtime',
        },
        { from: (replies) => summary(replies)['HS RT'], unit: realtimeUnit, window: 'realtime' },
        { from: (replies) => summary(replies)['MHS 1m'], unit: 'MH/s', window: '1m' },
        { from: (replies) => summary(replies)['MHS 5s'], unit: 'MH/s', window: '5s' },
      ],
      average: [
        { from: (replies) => v3Summary(replies)['hash-average'], unit: 'TH/s' },
        { from: (replies) => summary(replies)['MHS av'], unit: 'MH/s' },
      ],
      expected: [
        { from: (replies) => v3Summary(replies)['factory-hash'], unit: 'TH/s' },
        { from: (replies) => summary(replies)['Factory GHS'], unit: 'GH/s' },
        { from: (replies) => summary(replies)['Target MHS'], unit: 'MH/s' },
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
        'hwErrors',
        'serial',
      ],
      readBoards,
    ),
    fans(['slot', 'rpm'], readFans),
    psuFans((replies) => {
      const supply = row(deviceInfo(replies)['power']);
      const rpm = positive(
        supply['fanspeed'] ?? summary(replies)['Power Fanspeed'] ?? supplyFan(replies) ?? undefined,
      );
      return rpm === null ? [] : [rpm];
    }),
    pools({
      from: (replies) => (isV3(replies) ? v3Pools(replies) : list(replies, 'pools', 'POOLS')),
    }),
    shares(summary),
    power(['watts', 'source', 'limitW', 'mode'], (replies) => {
      const machine = summary(replies);
      const ofV3 = v3Summary(replies);
      // −1 and 0 stand for a supply without a meter.
      const watts = positive(ofV3['power-realtime'] ?? machine['Power'] ?? machine['Power_RT']);
      const mode = text(row(deviceInfo(replies)['power'])['mode']);
      return {
        watts,
        source: watts === null ? null : 'psu',
        limitW: positive(ofV3['power-limit'] ?? machine['Power Limit']),
        mode: mode === null ? text(machine['Power Mode']) : (POWER_MODES[mode] ?? mode),
      };
    }),
    fluid({
      in: first(
        (replies) => row(deviceInfo(replies)['power'])['liquid-temperature'],
        (replies) => v3Summary(replies)['liquid-temperature'],
        (replies) => summary(replies)['Liquid Temperature'],
      ),
    }),
    inlet(
      first(
        (replies) => v3Summary(replies)['environment-temperature'],
        (replies) => summary(replies)['Env Temp'],
      ),
    ),
    state(['mining', 'text', 'uptimeS'], (replies, reading) => {
      const status = payload('status')(replies);
      const off = flag(status['btmineroff'] ?? status['mineroff']);
      const working = flag(row(deviceInfo(replies)['miner'])['working']);
      const { nowThs } = reading.hashrate;
      const told = off === null ? working : !off;
      return {
        mining: told === false ? false : nowThs === null ? told : nowThs > 0,
        text: off === true ? 'sleeping' : null,
        // Some builds have `Uptime` only: of the machine, not of the miner process.
        uptimeS: num(
          v3Summary(replies)['elapsed'] ??
            summary(replies)['Elapsed'] ??
            summary(replies)['Uptime'],
        ),
      };
    }),
    errors((replies) => {
      const found = [
        ...readCodes(deviceInfo(replies)['error-code']),
        ...readCodes(payload('get_error_code')(replies)['error_code']),
        ...summaryCodes(summary(replies)),
      ];
      return [...new Map(found.map((error) => [`${error.code} ${error.text}`, error])).values()];
    }),
  ],
};

/** v3 counts no shares per pool. */
function v3Pools(replies: Replies) {
  const listed = v3Status(replies, 'pools');
  if (!Array.isArray(listed)) return undefined;
  return listed.map((pool, index) => {
    const told = row(pool);
    const status = text(told['status']);
    return {
      URL: told['url'] ?? null,
      User: told['account'] ?? null,
      Priority: num(told['pool-priority']) ?? num(told['id']) ?? index,
      Status: status === null ? null : status.toLowerCase() === 'alive' ? 'Alive' : 'Dead',
      'Stratum Active': told['stratum-active'] ?? null,
    };
  });
}

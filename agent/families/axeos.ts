import type { Json } from '../lenient-json.ts';
import type { Board, Fan } from '../reading.ts';
import { get } from './ask.ts';
import {
  board,
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
} from './capabilities.ts';
import type { Capability, Replies, Step } from './family.ts';
import { flag, num, positive, row, rows, sensors, text } from './values.ts';
import type { Row } from './values.ts';

/** What ESP-Miner and its forks have in common: one page with everything on it. */
const INFO = '/api/system/info';
export const info = (replies: Replies): Row => row(replies.get(INFO));

/** The ESP32's web server stops answering after hours of several requests a poll: exactly one. */
export const AXEOS_PLANS: ReadonlyMap<number, readonly Step[]> = new Map([
  [80, [{ ask: [get(INFO)], every: 'poll' }]],
]);

export const AXEOS_CAPABILITIES: readonly Capability[] = [
  identity({
    modelRaw,
    make: (replies) => (text(info(replies)['minerModel']) === null ? undefined : 'LuckyMiner'),
    mac: (replies) => info(replies)['macAddr'],
    hostname: (replies) => info(replies)['hostname'],
    firmwareVersion: (replies) => info(replies)['version'],
    algorithm: () => 'sha256',
  }),
  hashrate({
    now: [{ from: (replies) => info(replies)['hashRate'], unit: 'GH/s', window: 'realtime' }],
    average: ['hashRate_1h', 'hashRate_1d', 'hashRate_10m', 'hashRate_1m'].map((key) => ({
      from: (replies: Replies) => info(replies)[key],
      unit: 'GH/s' as const,
    })),
    expected: [
      { from: (replies) => positive(info(replies)['expectedHashrate']) ?? undefined, unit: 'GH/s' },
      { from: computedGhs, unit: 'GH/s' },
    ],
  }),
  boards(
    [
      'slot',
      'hashrateThs',
      'expectedThs',
      'chips',
      'boardTempsC',
      'chipTempsC',
      'frequencyMhz',
      'voltageV',
      'powerW',
      'hwErrors',
    ],
    readBoards,
  ),
  fans(['slot', 'rpm', 'percent'], readFans),
  pools({
    from: readPools,
    fills: ['url', 'user', 'priority', 'alive', 'active', 'accepted', 'rejected'],
  }),
  shares(
    (replies) => ({
      Accepted: info(replies)['sharesAccepted'] ?? null,
      Rejected: info(replies)['sharesRejected'] ?? null,
    }),
    ['accepted', 'rejected', 'hwErrors'],
  ),
  power(['watts', 'source'], (replies) => {
    // Measured behind the supply, at the board's input.
    const watts = positive(info(replies)['power']);
    return watts === null ? {} : { watts, source: 'dc' };
  }),
  state(['mining', 'text', 'uptimeS'], (replies, reading) => {
    const { nowThs } = reading.hashrate;
    const paused = flag(info(replies)['miningPaused']) === true;
    const off = flag(info(replies)['shutdown']) === true;
    return {
      mining: paused || off ? false : nowThs === null ? null : nowThs > 0,
      text: paused ? 'paused' : off ? 'shut down' : null,
      uptimeS: num(info(replies)['uptimeSeconds']),
    };
  }),
  errors((replies) =>
    (num(info(replies)['overheat_mode']) ?? 0) > 0
      ? [{ code: 'overheat', text: 'stopped or throttled by heat', severity: 'error' }]
      : [],
  ),
];

/** "BM1370 602", or the name a fork gives its own hardware. */
function modelRaw(replies: Replies): string | null {
  const said = info(replies);
  const named = text(
    first(
      () => said['minerModel'],
      () => said['deviceModel'],
    )(replies),
  );
  if (named !== null) return named;
  const chip = text(said['ASICModel']);
  const version = text(said['boardVersion']);
  return chip === null ? null : version === null ? chip : `${chip} ${version}`;
}

/**
 * Later firmware does not count its chips here, but has a row for each in its monitor, or an expected
 * rate that is a whole number of chips.
 */
function chipCount(replies: Replies): number | null {
  const said = info(replies);
  const told = positive(said['asicCount']) ?? monitored(said).length;
  if (told > 0) return told;
  const oneGhs = ghsOfChip(said);
  const expected = positive(said['expectedHashrate']);
  if (oneGhs === null || expected === null) return null;
  const chips = Math.round(expected / oneGhs);
  return chips > 0 && Math.abs(expected / oneGhs - chips) < 0.05 ? chips : null;
}

const monitored = (said: Row): Row[] => rows(row(said['hashrateMonitor'])['asics']);

/** Each small core does one hash a cycle. */
function ghsOfChip(said: Row): number | null {
  const cores = positive(said['smallCoreCount']);
  const mhz = positive(said['frequency']);
  return cores === null || mhz === null ? null : (cores * mhz) / 1e3;
}

function computedGhs(replies: Replies): number | undefined {
  const oneGhs = ghsOfChip(info(replies));
  const chips = positive(info(replies)['asicCount']);
  return oneGhs === null || chips === null ? undefined : oneGhs * chips;
}

function readBoards(replies: Replies): Board[] {
  const said = info(replies);
  if (Object.keys(said).length === 0) return [];
  const errorCounts = monitored(said)
    .map((asic) => num(asic['errorCount']))
    .filter((count) => count !== null);
  const ghs = num(said['hashRate']);
  const expectedGhs = positive(said['expectedHashrate']) ?? computedGhs(replies) ?? null;
  const listed = said['asicTemps'];
  const chipTemps =
    Array.isArray(listed) && listed.length > 0 ? listed : [said['temp'], said['temp2']];
  const millivolts = positive(said['coreVoltageActual']);
  return [
    board(0, {
      hashrateThs: ghs === null || ghs < 0 ? null : ghs / 1e3,
      expectedThs: expectedGhs === null ? null : expectedGhs / 1e3,
      chips: chipCount(replies),
      // An absent sensor says −1 beside one that works.
      chipTempsC: sensors(chipTemps.map((value) => without(-1, num(value)))),
      boardTempsC: sensors([without(-1, num(said['vrTemp']))]),
      frequencyMhz: positive(said['actualFrequency']) ?? positive(said['frequency']),
      voltageV: millivolts === null ? null : millivolts / 1e3,
      powerW: positive(said['power']),
      hwErrors:
        errorCounts.length > 0
          ? errorCounts.reduce((sum, count) => sum + count, 0)
          : num(said['duplicateHWNonces']),
    }),
  ];
}

function without(placeholder: number, value: number | null): number | null {
  return value === placeholder ? null : value;
}

function readFans(replies: Replies): Fan[] {
  const said = info(replies);
  const percent = num(said['fanspeed']);
  const listed = rows(said['fans']);
  if (listed.length > 0) {
    return listed.map((fan, index) => ({
      slot: index + 1,
      rpm: num(fan['rpm']),
      percent: num(fan['speedPerc']) ?? percent,
    }));
  }
  const [one, two] = [num(said['fanrpm']), num(said['fan2rpm'] ?? said['fanrpm2'])];
  const fan = (slot: number, rpm: number | null): Fan => ({ slot, rpm, percent });
  // The second connector is reported as 0 where no fan is fitted.
  return [
    ...(one === null ? [] : [fan(1, one)]),
    ...(two === null || two <= 0 ? [] : [fan(2, two)]),
  ];
}

/** As cgminer's rows. Counters are the device's, not the pool's, except on NerdAxe. */
function readPools(replies: Replies): Json {
  const said = info(replies);
  const onFallback = flag(said['isUsingFallbackStratum'] ?? row(said['stratum'])['usingFallback']);
  const counters = rows(row(said['stratum'])['pools']);
  return configuredPools(said).map((pool, index) => {
    const counter = counters[index] ?? {};
    const connected = flag(counter['connected']);
    return Object.assign(pool, {
      Priority: index,
      'Stratum Active': onFallback === null ? null : onFallback === index > 0,
      Status: connected === null ? null : connected ? 'Alive' : 'Dead',
      Accepted: counter['accepted'] ?? null,
      Rejected: counter['rejected'] ?? null,
    });
  });
}

function configuredPools(said: Row): { [key: string]: Json }[] {
  const listed = rows(said['pools']);
  if (listed.length === 0) {
    return ['stratum', 'fallbackStratum'].map((prefix) => poolRow(said, prefix));
  }
  const primary = num(said['primaryPoolIndex']) ?? 0;
  const rank = (pool: Row, index: number) => ((num(pool['id']) ?? index) === primary ? 0 : 1);
  return listed
    .map((pool, index) => ({ pool, rank: rank(pool, index) }))
    .toSorted((a, b) => a.rank - b.rank)
    .map(({ pool }) => poolRow(pool, 'stratum'));
}

function poolRow(from: Row, prefix: string): { [key: string]: Json } {
  const host = text(from[`${prefix}URL`]);
  const port = positive(from[`${prefix}Port`]);
  const hasPort = host !== null && /:\d+$/.test(host);
  return {
    URL: host === null || port === null || hasPort ? host : `${host}:${port}`,
    User: from[`${prefix}User`] ?? null,
  };
}

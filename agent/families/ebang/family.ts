import type { Board, Fan, MinerError } from '../../reading.ts';
import { getFrom } from '../ask.ts';
import type { SessionLogin } from '../ask.ts';
import {
  board,
  boards,
  errors,
  fans,
  hashrate,
  identity,
  pools,
  shares,
  state,
} from '../capabilities.ts';
import type { Family, Replies, Step } from '../family.ts';
import { duration, num, numbers, positive, row, sensors, text } from '../values.ts';
import type { Row } from '../values.ts';

const STATUS = '/Cgminer/CgminerStatus';
const POOLS = '/Cgminer/CgminerGetVal';
const ALARMS = '/alarm/GetAlarmLoop';
const SYSTEM = '/Status/getsystemstatus';

const SESSION: SessionLogin = {
  method: 'POST',
  path: '/user/login',
  as: 'form',
  fields: {
    username: '{user}',
    word: '{password}',
    // Language: 1 is English.
    yuyan: '1',
    login: 'Login',
    get_password: '',
  },
  session: { cookie: /./ },
  refused: /name=["']?word\b/i,
};

/** Every page wraps what it says into `feedback`. */
const from = (path: string) => (replies: Replies) => row(row(replies.get(path))['feedback']);
const status = from(STATUS);
const alarms = from(ALARMS);
const system = from(SYSTEM);

/** `device1temp` is "60,55|55,51", several sensors of one board, or one number; 0 is no board. */
function readBoards(replies: Replies): Board[] {
  return Object.entries(system(replies))
    .flatMap(([key, value]) => {
      const slot = /^device(\d+)temp$/.exec(key)?.[1];
      if (slot === undefined) return [];
      const temps = sensors(numbers(value));
      const frequencyMhz = positive(alarms(replies)['pllValue']);
      return temps.length === 0 ? [] : [board(Number(slot), { boardTempsC: temps, frequencyMhz })];
    })
    .sort((a, b) => a.slot - b.slot);
}

/** `devicefan`, `devicefan2` … */
function readFans(replies: Replies): Fan[] {
  return Object.entries(system(replies))
    .flatMap(([key, value]) => {
      const slot = /^devicefan(\d*)$/.exec(key)?.[1];
      const rpm = num(value);
      return slot === undefined || rpm === null
        ? []
        : [{ slot: Number(slot || 1), rpm, percent: null }];
    })
    .sort((a, b) => a.slot - b.slot);
}

/** Addresses without a worker are the maker's presets. The counters are those of the pool in use. */
function poolRows(replies: Replies): Row[] {
  const configured = from(POOLS)(replies);
  const inUse = text(status(replies)['cgminerstatus']);
  return [1, 2, 3].flatMap((number) => {
    const URL = text(configured[`Mip${number}`]);
    const User = text(configured[`Mwork${number}`]);
    if (URL === null || User === null) return [];
    const active = URL === inUse;
    return [
      {
        URL,
        User,
        Priority: number - 1,
        'Stratum Active': active,
        ...(active
          ? {
              Status: 'Alive',
              Accepted: status(replies)['accepted'] ?? null,
              Rejected: status(replies)['rejected'] ?? null,
            }
          : {}),
      },
    ];
  });
}

const MEANINGS: Readonly<Record<string, string>> = {
  calAlarm: 'hashrate too low',
  poolAlarm: 'no pool',
  tempAlarm: 'too hot',
  eth1Alarm: 'network',
};

function readErrors(replies: Replies): MinerError[] {
  return Object.entries(alarms(replies)).flatMap(([code, value]) =>
    code.endsWith('Alarm') && positive(value) !== null
      ? [{ code, text: MEANINGS[code] ?? null, severity: 'error' as const }]
      : [],
  );
}

const PLAN: readonly Step[] = [
  {
    ask: [STATUS, POOLS, ALARMS, SYSTEM].map((path) => getFrom(path, { login: SESSION })),
    every: 'poll',
  },
];

export const ebang: Family = {
  id: 'ebang',
  make: 'Ebang',
  product: 'Ebit',
  recognise: { page: /name=["']?yuyan\b|ebang|ebit\s*miner/i },
  login: { user: 'admin', password: 'admin' },
  plans: new Map<number, readonly Step[]>([[80, PLAN]]),
  capabilities: [
    identity({
      modelRaw: (replies) => system(replies)['productname'],
      firmwareVersion: (replies) => system(replies)['systemsoftwareversion'],
      controlBoard: (replies) => system(replies)['hardwareversion'],
      algorithm: () => 'sha256',
    }),
    hashrate({
      now: [
        { from: (replies) => alarms(replies)['calValue'], unit: 'GH/s' },
        { from: (replies) => status(replies)['fivesecfigure'], unit: 'TH/s', window: '5s' },
      ],
      average: [{ from: (replies) => status(replies)['averfigure'], unit: 'TH/s' }],
      expected: [],
    }),
    boards(['slot', 'boardTempsC', 'frequencyMhz'], readBoards),
    fans(['slot', 'rpm'], readFans),
    pools({
      from: poolRows,
      fills: ['url', 'user', 'priority', 'alive', 'active', 'accepted', 'rejected'],
    }),
    shares(
      (replies) => ({
        Accepted: status(replies)['accepted'] ?? null,
        Rejected: status(replies)['rejected'] ?? null,
      }),
      ['accepted', 'rejected'],
    ),
    errors(readErrors),
    state(['mining', 'uptimeS'], (replies, reading) => ({
      mining: reading.hashrate.nowThs === null ? null : reading.hashrate.nowThs > 0,
      uptimeS: duration(status(replies)['worktime']),
    })),
  ],
};

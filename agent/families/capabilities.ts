import type {
  Board,
  Fan,
  Identity,
  MinerError,
  Pool,
  Power,
  Reading,
  Shares,
  State,
} from '../reading.ts';
import type { Capability, Replies, Source } from './family.ts';
import { rate } from './units.ts';
import type { RateUnit } from './units.ts';
import { flag, mac, num, numbers, row, rows, sensors, text } from './values.ts';
import type { Row } from './values.ts';

/** First row of a section: `section('summary', 'SUMMARY')`. */
export function section(reply: string, name: string, index = 0): (replies: Replies) => Row {
  return (replies) => rows(row(replies.get(reply))[name])[index] ?? {};
}

/** One key of a section's row. */
export function at(reply: string, name: string, key: string, index = 0): Source {
  const find = section(reply, name, index);
  return (replies) => find(replies)[key];
}

/** The first source that says anything. */
export function first(...sources: readonly Source[]): Source {
  return (replies) => {
    for (const source of sources) {
      const value = source(replies);
      if (value !== undefined && value !== null && value !== '') return value;
    }
    return undefined;
  };
}

/** What the hourly replies said, as long as they are not asked again: better than a lesser source. */
export function remembered(field: keyof Identity): Source {
  return (replies) => (replies.hourly ? undefined : replies.known[field]);
}

/** Runs one field's reader; what it throws costs that field only. */
function isolated(reading: Reading, field: string, read: () => void): void {
  try {
    read();
  } catch (error) {
    reading.quality.problems.push(
      `${field}: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}

/** Names and addresses; `mac` and `modelRaw` are read from any notation. */
export function identity(sources: Partial<Record<keyof Identity, Source>>): Capability {
  const fields = Object.entries(sources) as [keyof Identity, Source][];
  return {
    name: 'identity',
    fills: fields.map(([field]) => `identity.${field}`),
    read: (replies, reading) => {
      for (const [field, source] of fields) {
        isolated(reading, `identity.${field}`, () => {
          const value = source(replies);
          reading.identity[field] = field === 'mac' ? mac(value) : text(value);
        });
      }
    },
  };
}

export interface RateSource {
  from: Source;
  unit: RateUnit | ((replies: Replies) => RateUnit);
  window?: string;
}

/** The first source with a number wins; a zero "now" is an answer and never replaced by an average. */
export function hashrate(sources: {
  now: readonly RateSource[];
  average: readonly RateSource[];
  expected: readonly RateSource[];
}): Capability {
  return {
    name: 'hashrate',
    fills: [
      'hashrate.nowThs',
      ...(sources.now.some(({ window }) => window !== undefined) ? ['hashrate.nowWindow'] : []),
      ...(sources.average.length > 0 ? ['hashrate.avgThs'] : []),
      ...(sources.expected.length > 0 ? ['hashrate.expectedThs'] : []),
    ],
    read: (replies, reading) => {
      isolated(reading, 'hashrate.nowThs', () => {
        const now = firstRate(replies, sources.now);
        reading.hashrate.nowThs = now?.ths ?? null;
        reading.hashrate.nowWindow = now?.window ?? null;
      });
      isolated(reading, 'hashrate.avgThs', () => {
        reading.hashrate.avgThs = firstRate(replies, sources.average)?.ths ?? null;
      });
      isolated(reading, 'hashrate.expectedThs', () => {
        // Zero and the −0.001 of a missing factory calibration mean "unknown".
        reading.hashrate.expectedThs = firstRate(replies, sources.expected)?.ths || null;
      });
    },
  };
}

function firstRate(
  replies: Replies,
  sources: readonly RateSource[],
): { ths: number; window: string | null } | null {
  for (const { from, unit, window } of sources) {
    const ths = rate(from(replies), typeof unit === 'function' ? unit(replies) : unit);
    if (ths !== null) return { ths, window: window ?? null };
  }
  return null;
}

export function boards(
  fills: readonly (keyof Board)[],
  read: (replies: Replies) => Board[],
): Capability {
  return {
    name: 'boards',
    fills: fills.map((field) => `boards.${field}`),
    read: (replies, reading) => {
      isolated(reading, 'boards', () => {
        reading.boards = read(replies);
      });
    },
  };
}

/** A board of which only `told` is known. */
export function board(slot: number, told: Partial<Board> = {}): Board {
  return {
    slot,
    hashrateThs: null,
    expectedThs: null,
    chips: null,
    chipsGood: null,
    chipsExpected: null,
    boardTempsC: [],
    chipTempsC: [],
    frequencyMhz: null,
    voltageV: null,
    powerW: null,
    hwErrors: null,
    serial: null,
    ...told,
  };
}

export function fans(fills: readonly (keyof Fan)[], read: (replies: Replies) => Fan[]): Capability {
  return {
    name: 'fans',
    fills: fills.map((field) => `fans.${field}`),
    read: (replies, reading) => {
      isolated(reading, 'fans', () => {
        reading.fans = read(replies);
      });
    },
  };
}

/** Fans of the power supply are not the machine's: they are counted apart. */
export function psuFans(read: (replies: Replies) => number[]): Capability {
  return {
    name: 'psuFans',
    fills: ['psuFans'],
    read: (replies, reading) => {
      isolated(reading, 'psuFans', () => {
        reading.psuFans = read(replies);
      });
    },
  };
}

/** Keys of a pool's row where they differ from cgminer's. */
export interface PoolKeys {
  url: string;
  user: string;
  alive: (pool: Row) => boolean | null;
  active: (pool: Row) => boolean | null;
  priority: string;
  accepted: string;
  rejected: string;
  stale: string;
  /** Where the firmware says itself which of its pools pays its developer. */
  devFee: (pool: Row) => boolean;
}

const CGMINER_POOL: PoolKeys = {
  url: 'URL',
  user: 'User',
  alive: (pool) => (typeof pool['Status'] === 'string' ? pool['Status'] === 'Alive' : null),
  active: (pool) => flag(pool['Stratum Active']),
  priority: 'Priority',
  accepted: 'Accepted',
  rejected: 'Rejected',
  stale: 'Stale',
  devFee: () => false,
};

/** Firmwares that take their developer's share list its pool with these names. */
const DEV_FEE = /dev[\s_-]?fee|^\*$/i;

/** Pools in the miner's order; slots without an address are not configured and left out. */
export function pools(options: {
  from: Source;
  keys?: Partial<PoolKeys>;
  fills?: readonly (keyof Pool)[];
}): Capability {
  const keys = { ...CGMINER_POOL, ...options.keys };
  const fills = options.fills ?? POOL_FIELDS;
  return {
    name: 'pools',
    fills: fills.map((field) => `pools.${field}`),
    read: (replies, reading) => {
      isolated(reading, 'pools', () => {
        reading.pools = rows(options.from(replies)).flatMap((pool) => {
          const url = text(pool[keys.url]);
          if (url === null) return [];
          const user = text(pool[keys.user]);
          return [
            {
              url: withoutPassword(url),
              user,
              priority: num(pool[keys.priority]),
              alive: keys.alive(pool),
              active: keys.active(pool),
              accepted: num(pool[keys.accepted]),
              rejected: num(pool[keys.rejected]),
              stale: num(pool[keys.stale]),
              isDevFee:
                keys.devFee(pool) || DEV_FEE.test(url) || (user !== null && DEV_FEE.test(user)),
            },
          ];
        });
      });
    },
  };
}

const POOL_FIELDS: readonly (keyof Pool)[] = [
  'url',
  'user',
  'priority',
  'alive',
  'active',
  'accepted',
  'rejected',
  'stale',
];

/** "stratum+tcp://user:password@pool:3333": credentials do not leave the site. */
function withoutPassword(url: string): string {
  return url.replace(/^([a-z][a-z0-9+.-]*:\/\/)?[^/@]*@/i, '$1');
}

const SHARE_FIELDS: readonly (keyof Shares)[] = [
  'accepted',
  'rejected',
  'stale',
  'hwErrors',
  'poolRejectedPercent',
];

/** The share counters of a summary; sums over the pools where there is no summary. */
export function shares(
  summary: (replies: Replies) => Row,
  fills: readonly (keyof Shares)[] = SHARE_FIELDS,
): Capability {
  return {
    name: 'shares',
    fills: fills.map((field) => `shares.${field}`),
    read: (replies, reading) => {
      isolated(reading, 'shares', () => {
        const from = summary(replies);
        const sum = (field: 'accepted' | 'rejected' | 'stale') => {
          const told = reading.pools.map((pool) => pool[field]).filter((count) => count !== null);
          return told.length > 0 ? told.reduce((total, count) => total + count, 0) : null;
        };
        const chains = reading.boards.map((board) => board.hwErrors).filter((n) => n !== null);
        reading.shares = {
          accepted: num(from['Accepted']) ?? sum('accepted'),
          rejected: num(from['Rejected']) ?? sum('rejected'),
          stale: num(from['Stale']) ?? sum('stale'),
          hwErrors:
            num(from['Hardware Errors']) ??
            (chains.length > 0 ? chains.reduce((total, count) => total + count, 0) : null),
          poolRejectedPercent: num(from['Pool Rejected%']),
        };
      });
    },
  };
}

export function power(
  fills: readonly (keyof Power)[],
  read: (replies: Replies) => Partial<Power>,
): Capability {
  return {
    name: 'power',
    fills: fills.map((field) => `power.${field}`),
    read: (replies, reading) => {
      isolated(reading, 'power', () => {
        Object.assign(reading.power, read(replies));
      });
    },
  };
}

/** Runs after hashrate, which most families need to say whether they mine. */
export function state(
  fills: readonly (keyof State)[],
  read: (replies: Replies, reading: Reading) => Partial<State>,
): Capability {
  return {
    name: 'state',
    fills: fills.map((field) => `state.${field}`),
    read: (replies, reading) => {
      isolated(reading, 'state', () => {
        Object.assign(reading.state, read(replies, reading));
      });
    },
  };
}

/** Air at the inlet; the hottest chip and board are computed from the boards. */
export function inlet(source: Source): Capability {
  return {
    name: 'inlet',
    fills: ['thermal.envC'],
    read: (replies, reading) => {
      isolated(reading, 'thermal.envC', () => {
        const value = num(source(replies));
        reading.thermal.envC = value !== null && value > -60 && value < 100 ? value : null;
      });
    },
  };
}

function warmest(source: Source | undefined, replies: Replies): number | null {
  const told = sensors(numbers(source?.(replies)));
  return told.length > 0 ? Math.max(...told) : null;
}

/** Coolant into and out of the machine; of several places the warmest. */
export function fluid(sources: { in?: Source; out?: Source }): Capability {
  return {
    name: 'fluid',
    fills: [
      ...(sources.in ? ['thermal.fluidInC'] : []),
      ...(sources.out ? ['thermal.fluidOutC'] : []),
    ],
    read: (replies, reading) => {
      isolated(reading, 'thermal.fluid', () => {
        reading.thermal.fluidInC = warmest(sources.in, replies);
        reading.thermal.fluidOutC = warmest(sources.out, replies);
      });
    },
  };
}

export function errors(read: (replies: Replies) => MinerError[]): Capability {
  return {
    name: 'errors',
    fills: ['errors'],
    read: (replies, reading) => {
      isolated(reading, 'errors', () => {
        reading.errors = read(replies);
      });
    },
  };
}

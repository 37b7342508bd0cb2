import type { Board } from '../../reading.ts';
import type { Json } from '../../lenient-json.ts';
import { get } from '../ask.ts';
import { board, boards, hashrate, identity, pools, power, shares, state } from '../capabilities.ts';
import type { Family, Replies, Step } from '../family.ts';
import { rate } from '../units.ts';
import { num, positive, row, rows, sensors, text } from '../values.ts';
import type { Row } from '../values.ts';

/** The page's own query; without it the server answers nothing. */
const STATUS = get('/gst.csp?a=a');

const status = (replies: Replies) => row(replies.get(STATUS.path));

/** "trb 2020/06/17 01:04:04 Hr:129.93 Pw:845": coin, build, GH/s, W. */
function headline(replies: Replies): {
  coin?: string;
  build?: string;
  ghs?: string;
  watts?: string;
} {
  const said = text(status(replies)['mt']) ?? '';
  const found = /^(?<coin>\w+)(?:\s+(?<build>[\d/]+ [\d:]+))?/.exec(said)?.groups ?? {};
  const ghs = /\bHr:([\d.]+)/.exec(said)?.[1];
  const watts = /\bPw:([\d.]+)/.exec(said)?.[1];
  return {
    ...found,
    ...(ghs === undefined ? {} : { ghs }),
    ...(watts === undefined ? {} : { watts }),
  };
}

const lists = (value: Json | undefined) =>
  Array.isArray(value) ? value.filter((entry): entry is Json[] => Array.isArray(entry)) : [];

/** Chips are rows without names: on, °C, …, and "5.58GH/s | 743" at the end. */
function readBoards(replies: Replies): Board[] {
  const slots = status(replies)['bd'];
  return (Array.isArray(slots) ? slots : []).flatMap((entry, slot) => {
    const [said] = rows(entry);
    const chips = said ? lists(said['cs']) : [];
    if (!said || !positive(said['cn'])) return [];
    const rates = chips.flatMap((chip) => rate(text(chip[7])?.replace(/\|.*$/, ''), 'GH/s') ?? []);
    return [
      board(slot, {
        hashrateThs: rates.length > 0 ? rates.reduce((total, each) => total + each, 0) : null,
        chips: num(said['cn']),
        chipsGood: chips.filter(([on]) => on === 1).length,
        chipTempsC: sensors(chips.map((chip) => num(chip[1]))),
      }),
    ];
  });
}

/** Rows without names: state, since when, worker, accepted, rejected, …, "-o1 pool.example:3333". */
function poolRows(replies: Replies): Row[] {
  return lists(status(replies)['ms']).map((pool, index) => ({
    URL: (text(pool[6]) ?? '').replace(/^-o\d*\s+/, ''),
    User: pool[2] ?? null,
    Status: /^(?:working|connected)$/.test(text(pool[0]) ?? '') ? 'Alive' : 'Dead',
    'Stratum Active': pool[0] === 'working',
    Priority: index,
    Accepted: pool[3] ?? null,
    Rejected: pool[4] ?? null,
  }));
}

const PLAN: readonly Step[] = [{ ask: [STATUS], every: 'poll' }];

export const multminer: Family = {
  id: 'multminer',
  make: 'MultMiner',
  product: 'MultMiner',
  recognise: { knocks: { at: STATUS, says: /"tphr"\s*:/ } },
  plans: new Map<number, readonly Step[]>([[80, PLAN]]),
  capabilities: [
    identity({
      firmwareVersion: (replies) => headline(replies).build,
      algorithm: (replies) => headline(replies).coin,
    }),
    hashrate({
      now: [{ from: (replies) => headline(replies).ghs, unit: 'GH/s' }],
      average: [],
      expected: [],
    }),
    boards(['slot', 'hashrateThs', 'chips', 'chipsGood', 'chipTempsC'], readBoards),
    pools({
      from: poolRows,
      fills: ['url', 'user', 'priority', 'alive', 'active', 'accepted', 'rejected'],
    }),
    shares(() => ({}), ['accepted', 'rejected']),
    power(['watts', 'source'], (replies) => {
      const watts = positive(headline(replies).watts);
      return watts === null ? {} : { watts, source: 'estimate' };
    }),
    state(['mining'], (_replies, reading) => ({
      mining: reading.hashrate.nowThs === null ? null : reading.hashrate.nowThs > 0,
    })),
  ],
};

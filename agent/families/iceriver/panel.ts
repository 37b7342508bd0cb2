import type { Json } from '../../lenient-json.ts';
import type { Board, Fan } from '../../reading.ts';
import { board } from '../capabilities.ts';
import type { Replies } from '../family.ts';
import { rate, unitOf } from '../units.ts';
import type { RateUnit } from '../units.ts';
import { flag, num, numbers, positive, row, rows, sensors, text } from '../values.ts';
import type { Row } from '../values.ts';

export const PANEL = '/user/userpanel';
export const LINES_PORT = 4111;
export const LINES = ['info', 'fan', 'board', 'boardpow', 'getnet', 'getpool'] as const;

/** The page's `data`, or the `ret` of all lines laid together: they use the same keys. */
export function panel(replies: Replies): Row {
  const page = row(row(replies.get(PANEL))['data']);
  if (Object.keys(page).length > 0) return page;
  const said = row(replies.get(`lines ${LINES_PORT}`));
  return Object.assign({}, ...LINES.map((id) => row(row(said[id])['ret']))) as Row;
}

/** The letter after the number counts; `unit` is for numbers without one. */
export function unitSaid(replies: Replies): RateUnit {
  return unitOf(panel(replies)['unit']) ?? 'GH/s';
}

export function firmwareOf(replies: Replies): string | null {
  const said = panel(replies);
  const image = ['firmtype', 'firmver1', 'firmver2'].flatMap((key) => text(said[key]) ?? []);
  if (image.length > 0) return image.join(' ');
  return text(said['softver1']);
}

export function readBoards(replies: Replies): Board[] {
  const unit = unitSaid(replies);
  return rows(panel(replies)['boards']).map((one, index) =>
    board(num(one['no']) ?? index + 1, {
      hashrateThs: rate(one['rtpow'], unit),
      chips: num(one['chipnum']),
      boardTempsC: sensors([num(one['intmp']), num(one['outtmp'])]),
      // "0.00-0.00-0.00-0.00" where the board has no such sensors.
      chipTempsC: sensors(numbers(one['pcbtemp'])),
      frequencyMhz: positive(one['freq']),
    }),
  );
}

export function readFans(replies: Replies): Fan[] {
  return numbers(panel(replies)['fans']).map((rpm, index) => ({
    slot: index + 1,
    rpm,
    percent: null,
  }));
}

/** `connect` is 1 or true for connected, -1 or false for not; `state` is 1 for the one in use. */
export function readPools(replies: Replies): Json {
  return rows(panel(replies)['pools']).map((pool) => {
    const connected =
      num(pool['connect']) === null ? flag(pool['connect']) : (num(pool['connect']) ?? 0) > 0;
    return {
      URL: pool['addr'] ?? null,
      User: pool['user'] ?? null,
      Priority: pool['priority'] ?? null,
      Status: connected === null ? null : connected ? 'Alive' : 'Dead',
      'Stratum Active': num(pool['state']) === null ? null : num(pool['state']) === 1,
      Accepted: pool['accepted'] ?? null,
      Rejected: pool['rejected'] ?? null,
    };
  });
}

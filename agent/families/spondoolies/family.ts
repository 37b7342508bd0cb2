import type { Board, Fan } from '../../reading.ts';
import { readJson } from '../../lenient-json.ts';
import { rpc } from '../ask.ts';
import {
  at,
  board,
  boards,
  fans,
  hashrate,
  identity,
  pools,
  power,
  section,
  shares,
  state,
} from '../capabilities.ts';
import type { Family, Replies, Step } from '../family.ts';
import { rate } from '../units.ts';
import { isRow, num, numbers, positive, row, sensors, text } from '../values.ts';
import type { Row } from '../values.ts';

const summary = section('summary', 'SUMMARY');
const stats = section('stats', 'STATS');

/** `json-stats` is a string that holds JSON: one member for each board, and the fans. */
function inner(replies: Replies): Row {
  const said = stats(replies)['json-stats'];
  if (typeof said !== 'string') return row(said);
  const reading = readJson(said);
  return reading.ok ? row(reading.value) : {};
}

const BOARD = /-board$/;

/** "top-board", "bottom-board", in that order. */
function boardRows(replies: Replies): Row[] {
  return Object.entries(inner(replies)).flatMap(([name, value]) =>
    BOARD.test(name) && isRow(value) ? [value] : [],
  );
}

function readBoards(replies: Replies): Board[] {
  return boardRows(replies).map((said, slot) =>
    board(slot, {
      hashrateThs: rate(said['reported-hashrate'], 'MH/s'),
      chips: num(said['working-asics']),
      boardTempsC: sensors([num(said['front-temp']), num(said['rear-temp'])]),
      chipTempsC: sensors([num(said['min-temp']), num(said['max-temp'])]),
      powerW: positive(said['power']),
    }),
  );
}

function readFans(replies: Replies): Fan[] {
  const percent = num(inner(replies)['fan-percent']);
  return numbers(inner(replies)['fan-speeds']).map((rpm, index) => ({
    slot: index + 1,
    rpm,
    percent,
  }));
}

const PLAN: readonly Step[] = [
  { ask: [rpc('summary'), rpc('stats'), rpc('pools')], join: true, every: 'poll' },
  { ask: [rpc('version')], every: 'hour' },
];

export const spondoolies: Family = {
  id: 'spondoolies',
  make: 'Spondoolies',
  product: 'Spondoolies',
  recognise: { cgminer: [/"DESCRIPTION"\s*:\s*"[^"]*-SPX"/, /"ID"\s*:\s*"SP\d+"/] },
  plans: new Map<number, readonly Step[]>([[4028, PLAN]]),
  capabilities: [
    identity({
      // cgminer's ID is the driver with the number of the device behind it.
      modelRaw: (replies) => text(stats(replies)['ID'])?.replace(/\d$/, ''),
      firmwareVersion: at('summary', 'STATUS', 'Description'),
      apiVersion: at('version', 'VERSION', 'API'),
      algorithm: () => 'x11',
    }),
    hashrate({
      // The 5 seconds are counted from shares and swing by a third.
      now: [
        { from: (replies) => summary(replies)['MHS 1m'], unit: 'MH/s', window: '1m' },
        { from: (replies) => summary(replies)['MHS 5s'], unit: 'MH/s', window: '5s' },
      ],
      average: [{ from: (replies) => summary(replies)['MHS av'], unit: 'MH/s' }],
      expected: [],
    }),
    boards(['slot', 'hashrateThs', 'chips', 'boardTempsC', 'chipTempsC', 'powerW'], readBoards),
    fans(['slot', 'rpm', 'percent'], readFans),
    pools({ from: (replies) => row(replies.get('pools'))['POOLS'] }),
    shares(summary),
    power(['watts', 'source'], (replies) => {
      const told = boardRows(replies).flatMap((said) => positive(said['power']) ?? []);
      if (told.length === 0) return {};
      return { watts: told.reduce((total, watts) => total + watts, 0), source: 'psu' };
    }),
    state(['mining', 'uptimeS'], (replies, reading) => ({
      mining: reading.hashrate.nowThs === null ? null : reading.hashrate.nowThs > 0,
      uptimeS: num(summary(replies)['Elapsed']),
    })),
  ],
};

import type { Board, Fan, MinerError } from '../../reading.ts';
import { json, post } from '../ask.ts';
import type { HttpAsk } from '../ask.ts';
import { board } from '../capabilities.ts';
import type { Replies } from '../family.ts';
import { rate } from '../units.ts';
import { num, positive, row, rows, sensors, text } from '../values.ts';
import type { Row } from '../values.ts';

/** The web interface's own API, 21.09 to 25.05. Fields a release does not know void the whole query. */

const query = (name: string, text: string): HttpAsk =>
  post('/graphql', json({ query: text }), { name: `graphql ${name}` });

export const STATE = query(
  'state',
  '{bos{uptime{durationS}} bosminer{info{workSolver{realHashrate{mhs5S} nominalMhs childSolvers{name realHashrate{mhs5S} nominalMhs hwDetails{chips frequencyMhz voltageV} temperatures{name degreesC}}} fans{name speed rpm} summary{power{limitW approxConsumptionW}} poolGroups{name pools{url user status active shares{acceptedSolutions rejectedSolutions}}}}}}',
);
export const WHO = query('who', '{bos{hostname info{version{full}}} bosminer{info{modelName}}}');
/** Since 25.03. */
export const SERIALS = query(
  'serials',
  '{bosminer{info{workSolver{childSolvers{name hwDetails{hbSerialNumber}}}}}}',
);
/** Not in the first releases. */
export const EVENTS = query('events', '{events{appeals{id kind message timestamp}}}');

const data = (name: string) => (replies: Replies) => row(row(replies.get(name))['data']);
const who = data('graphql who');
const state = data('graphql state');

const within = (from: Row, ...keys: string[]): Row =>
  keys.reduce<Row>((inner, key) => row(inner[key]), from);

export const hasGraphql = (replies: Replies) =>
  Object.keys(within(state(replies), 'bosminer', 'info')).length > 0;

export const gqlBos = (replies: Replies) => within(who(replies), 'bos');
export const gqlVersion = (replies: Replies) =>
  within(who(replies), 'bos', 'info', 'version')['full'];
export const gqlModel = (replies: Replies) => within(who(replies), 'bosminer', 'info')['modelName'];
export const gqlUptime = (replies: Replies) => within(state(replies), 'bos', 'uptime')['durationS'];
const info = (replies: Replies) => within(state(replies), 'bosminer', 'info');
export const gqlSolver = (replies: Replies) => row(info(replies)['workSolver']);
export const gqlPower = (replies: Replies) => within(info(replies), 'summary', 'power');

export const gqlRate = (solver: Row) => row(solver['realHashrate'])['mhs5S'];

export function gqlBoards(replies: Replies): Board[] {
  const serials = new Map(
    rows(
      within(data('graphql serials')(replies), 'bosminer', 'info', 'workSolver')['childSolvers'],
    ).map((child) => [text(child['name']), text(row(child['hwDetails'])['hbSerialNumber'])]),
  );
  return rows(gqlSolver(replies)['childSolvers']).map((child, index) => {
    const details = row(child['hwDetails']);
    const sensor = (name: RegExp) =>
      rows(child['temperatures'])
        .filter((one) => name.test(text(one['name']) ?? ''))
        .map((one) => num(one['degreesC']));
    return board(num(child['name']) ?? index, {
      hashrateThs: rate(gqlRate(child), 'MH/s'),
      expectedThs: rate(child['nominalMhs'], 'MH/s') || null,
      chips: num(details['chips']),
      boardTempsC: sensors([...sensor(/inlet/i), ...sensor(/board/i), ...sensor(/outlet/i)]),
      chipTempsC: sensors(sensor(/chip/i)),
      frequencyMhz: positive(details['frequencyMhz']),
      voltageV: positive(details['voltageV']),
      serial: serials.get(text(child['name'])) ?? null,
    });
  });
}

export function gqlFans(replies: Replies): Fan[] {
  return rows(info(replies)['fans']).map((fan, index) => ({
    slot: num(fan['name']) ?? index,
    rpm: num(fan['rpm']),
    percent: num(fan['speed']),
  }));
}

/** Rows as cgminer's, one group after the other. */
export function gqlPools(replies: Replies) {
  if (!hasGraphql(replies)) return undefined;
  return rows(info(replies)['poolGroups'])
    .flatMap((group) => rows(group['pools']))
    .map((pool, index) => {
      const status = text(pool['status']);
      return {
        URL: pool['url'] ?? null,
        User: pool['user'] ?? null,
        Priority: index,
        Status: status === null ? null : /^alive$/i.test(status) ? 'Alive' : 'Dead',
        'Stratum Active': pool['active'] ?? null,
        Accepted: row(pool['shares'])['acceptedSolutions'] ?? null,
        Rejected: row(pool['shares'])['rejectedSolutions'] ?? null,
      };
    });
}

export const appeals = (replies: Replies) =>
  rows(row(data('graphql events')(replies)['events'])['appeals']);

export function gqlErrors(replies: Replies): MinerError[] {
  return appeals(replies).map((appeal) => ({
    code: text(appeal['kind']) ?? 'appeal',
    text: text(appeal['message']),
    severity: 'error',
  }));
}

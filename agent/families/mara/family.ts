import type { Board, Fan, MinerError } from '../../reading.ts';
import { modelOf, algorithmOf } from '../antminer-stock/models.ts';
import { get } from '../ask.ts';
import {
  board,
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
import type { Family, Replies, Source, Step } from '../family.ts';
import { rate, unitOf } from '../units.ts';
import type { RateUnit } from '../units.ts';
import { num, numbers, positive, row, rows, sensors, text } from '../values.ts';

const BRIEF = '/kaonsu/v1/brief';
const HASHBOARDS = '/kaonsu/v1/hashboards';
const FANS = '/kaonsu/v1/fans';
const POOLS = '/kaonsu/v1/pools';
const OVERVIEW = '/kaonsu/v1/overview';
const NETWORK = '/kaonsu/v1/network_config';
const MINER_CONFIG = '/kaonsu/v1/miner_config';

const page = (path: string) => (replies: Replies) => row(replies.get(path));
const brief = page(BRIEF);
const overview = page(OVERVIEW);

/** Release 3.14 says GH/s; older ones say nothing and count the machine in TH/s, all else in GH/s. */
function unit(otherwise: RateUnit): (replies: Replies) => RateUnit {
  return (replies) => unitOf(brief(replies)['hashrate_unit']) ?? otherwise;
}

const at =
  (key: string): Source =>
  (replies) =>
    brief(replies)[key];

function readBoards(replies: Replies): Board[] {
  return rows(page(HASHBOARDS)(replies)['hashboards']).map((one, index) =>
    board(num(one['index']) ?? index, {
      hashrateThs:
        rate(one['hashrate_realtime_10m'], 'GH/s') ??
        rate(one['hashrate_realtime'], 'GH/s') ??
        rate(one['hashrate_average'], 'GH/s'),
      expectedThs: rate(one['hashrate_ideal'], 'GH/s') || null,
      chips: num(one['asic_num']),
      chipsExpected: positive(one['asic_num_ideal']),
      boardTempsC: sensors(numbers(one['temperature_pcb'])),
      chipTempsC: sensors(numbers(one['temperature_chip'])),
      frequencyMhz: positive(one['frequency_average']),
      voltageV: positive(one['voltage']),
      powerW: num(one['power_consumption_estimated']),
      serial: text(one['serial_number']),
    }),
  );
}

function readFans(replies: Replies): Fan[] {
  const reply = page(FANS)(replies);
  const percent = num(reply['percent']);
  return rows(reply['fans']).map((fan, index) => ({
    slot: num(fan['index']) ?? index,
    rpm: num(fan['current_speed']),
    percent,
  }));
}

/** Of the machine in `indicator`, of a board in its own words. */
function readErrors(replies: Replies): MinerError[] {
  const machine = text(brief(replies)['indicator']);
  const found: MinerError[] = [];
  if (machine !== null && !/fully functional/i.test(machine)) {
    const explanation = text(brief(replies)['indicator_long']);
    found.push({ code: machine, text: explanation, severity: 'warning' });
  }
  for (const one of rows(page(HASHBOARDS)(replies)['hashboards'])) {
    const said = text(one['description']);
    const isWell = /^(ok|normal|mining|running|good)$/i.test(text(one['status']) ?? 'ok');
    if (isWell) continue;
    const code = `board ${num(one['index']) ?? '?'}: ${text(one['status'])}`;
    found.push({ code, text: said, severity: 'error' });
  }
  return found;
}

/** Rows as cgminer's. It mines at the live pool with the least priority and does not say so. */
function listedPools(replies: Replies) {
  const reply = replies.get(POOLS);
  const listed = rows(Array.isArray(reply) ? reply : row(reply)['pools']);
  const alive = listed.filter((pool) => /^alive$/i.test(text(pool['status']) ?? ''));
  const least = Math.min(...alive.map((pool) => num(pool['priority']) ?? 0));
  return listed.map((pool) => ({
    URL: pool['url'] ?? null,
    User: pool['user'] ?? null,
    Priority: pool['priority'] ?? pool['index'] ?? null,
    Status: alive.includes(pool) ? 'Alive' : (pool['status'] ?? null),
    'Stratum Active': pool === alive.find((one) => (num(one['priority']) ?? 0) === least),
    Accepted: pool['accepted'] ?? null,
    Rejected: pool['rejected'] ?? null,
    Stale: pool['stale'] ?? null,
  }));
}

const powerTarget = (replies: Replies) =>
  positive(row(row(page(MINER_CONFIG)(replies)['mode'])['concorde'])['power-target']);

const PLAN: readonly Step[] = [
  {
    ask: [get(BRIEF, 'digest'), get(HASHBOARDS, 'digest'), get(FANS, 'digest')],
    every: 'poll',
  },
  { ask: [get(POOLS, 'digest')], every: 'poll' },
  {
    ask: [get(MINER_CONFIG, 'digest')],
    every: 'hour',
    keepWhen: (replies) => powerTarget(replies) !== null,
  },
  { ask: [get(OVERVIEW, 'digest'), get(NETWORK, 'digest')], every: 'hour' },
];

export const mara: Family = {
  id: 'mara',
  make: 'AntMiner',
  product: 'MaraFW',
  recognise: { cgminer: [/KAONSU|MARAFW/], realm: /MaraFW/i, page: /MaraFW|kaonsu/i },
  login: { user: 'root', password: 'root' },
  model: modelOf,
  plans: new Map<number, readonly Step[]>([
    [80, PLAN],
    [4028, PLAN],
  ]),
  capabilities: [
    identity({
      modelRaw: (replies) => overview(replies)['model'],
      mac: (replies) => overview(replies)['mac'],
      serial: (replies) => overview(replies)['serial_number'],
      hostname: (replies) => page(NETWORK)(replies)['hostname'],
      firmwareVersion: (replies) => overview(replies)['version_firmware'],
      controlBoard: (replies) => overview(replies)['control_board'],
      algorithm: (replies) => {
        const raw = text(overview(replies)['model']);
        return raw === null ? null : algorithmOf(modelOf(raw));
      },
    }),
    hashrate({
      now: [
        { from: at('hashrate_realtime'), unit: unit('TH/s'), window: 'realtime' },
        { from: at('hashrate_realtime_10m'), unit: unit('TH/s'), window: '10m' },
      ],
      average: [{ from: at('hashrate_average'), unit: unit('TH/s') }],
      expected: [{ from: at('hashrate_ideal'), unit: unit('GH/s') }],
    }),
    boards(
      [
        'slot',
        'hashrateThs',
        'expectedThs',
        'chips',
        'chipsExpected',
        'boardTempsC',
        'chipTempsC',
        'frequencyMhz',
        'voltageV',
        'powerW',
        'serial',
      ],
      readBoards,
    ),
    fans(['slot', 'rpm', 'percent'], readFans),
    pools({ from: listedPools }),
    shares(() => ({}), ['accepted', 'rejected', 'stale']),
    // The figure is the sum of the boards' estimates also where `power_source` says PSU.
    power(['watts', 'source', 'limitW', 'mode'], (replies) => {
      const watts = positive(brief(replies)['power_consumption_estimated']);
      return {
        watts,
        source: watts === null ? null : 'estimate',
        limitW: powerTarget(replies),
        mode: text(brief(replies)['work_mode']),
      };
    }),
    state(['mining', 'text', 'uptimeS'], (replies, reading) => {
      const status = text(brief(replies)['status']);
      const { nowThs } = reading.hashrate;
      return {
        mining: status === null ? (nowThs === null ? null : nowThs > 0) : /^mining/i.test(status),
        text: status,
        uptimeS: num(brief(replies)['elapsed']),
      };
    }),
    errors(readErrors),
  ],
};

import type { Json } from '../../lenient-json.ts';
import type { Board, Fan, MinerError } from '../../reading.ts';
import { modelRaw, readFans, stats, summary, totalUnit } from '../antminer-stock/dialects.ts';
import { algorithmOf, modelOf } from '../antminer-stock/models.ts';
import { get, rpc } from '../ask.ts';
import type { SessionLogin } from '../ask.ts';
import {
  at,
  board,
  boards,
  errors,
  fans,
  first,
  hashrate,
  identity,
  fluid,
  pools,
  power,
  shares,
  state,
} from '../capabilities.ts';
import { forkBoards } from '../bitmain-fork.ts';
import type { Family, Replies, Source, Step } from '../family.ts';
import { rate, unitOf } from '../units.ts';
import type { RateUnit } from '../units.ts';
import { duration, isRow, num, positive, row, rows, sensors, text } from '../values.ts';
import type { Row } from '../values.ts';

const SUMMARY = '/api/v1/summary';
const INFO = '/api/v1/info';
const SETTINGS = '/api/v1/settings';
const PERFORMANCE = '/api/v1/perf-summary';

/** The key that unlocks the rest of the API; what is asked here most builds serve to everybody. */
const UNLOCK: SessionLogin = {
  method: 'POST',
  path: '/api/v1/unlock',
  as: 'json',
  fields: { pw: '{password}' },
  session: { json: ['token'] },
  header: { name: 'authorization', prefix: '' },
  lazy: true,
};

const info = (replies: Replies) => row(replies.get(INFO));
const miner = (replies: Replies) => row(row(replies.get(SUMMARY))['miner']);
const status = (replies: Replies) => row(miner(replies)['miner_status']);
const network = (replies: Replies) => row(row(info(replies)['system'])['network_status']);

/** "Antminer S9 (vnish 3.8.6)": builds without the web API say their version here only. */
const VERSION = /vnish\s+v?([\d.]+[\w.-]*)/i;

function versionInType(replies: Replies): string | null {
  const raw = text(modelRaw(replies));
  return raw === null ? null : (VERSION.exec(raw)?.[1] ?? null);
}

const rawModel: Source = first((replies) => info(replies)['miner'], modelRaw);

/** What the web API counts in: GH/s, and MH/s on Scrypt machines. */
function webUnit(replies: Replies): RateUnit {
  return unitOf(info(replies)['hr_measure']) ?? totalUnit(replies);
}

const fromMiner =
  (key: string): Source =>
  (replies) =>
    miner(replies)[key];

function webBoards(replies: Replies): Board[] {
  const unit = webUnit(replies);
  return rows(miner(replies)['chains']).map((chain, index) => {
    const chips = Object.values(row(chain['chip_statuses'])).map(num);
    return board(num(chain['id']) ?? index + 1, {
      hashrateThs: rate(chain['hashrate_rt'] ?? chain['hr_realtime'], unit),
      expectedThs: rate(chain['hashrate_ideal'] ?? chain['hr_nominal'], unit) || null,
      chips: chips.length > 0 ? chips.reduce<number>((sum, n) => sum + (n ?? 0), 0) : null,
      boardTempsC: span(chain['pcb_temp']),
      chipTempsC: span(chain['chip_temp']),
      frequencyMhz: positive(chain['frequency'] ?? chain['freq']),
      voltageV: volts(chain['voltage']),
      powerW: positive(chain['power_consumption']),
      hwErrors: num(chain['hw_errors']),
      serial: text(chain['serial']),
    });
  });
}

/** `{"min":40,"max":50}`: the coolest and the hottest sensor. */
function span(value: Row[string] | undefined): number[] {
  const { min, max } = row(value);
  return sensors([num(min), num(max)]);
}

/** Millivolts, hundredths in builds of the S9's time. */
function volts(value: Row[string] | undefined): number | null {
  const told = positive(value);
  if (told === null) return null;
  return told >= 5_000 ? told / 1_000 : told > 100 ? told / 100 : told;
}

function readBoards(replies: Replies): Board[] {
  const web = webBoards(replies);
  if (web.length > 0) return web;
  return forkBoards(replies, {
    board: (flat, slot) => ({
      powerW: positive(flat[`chain_consumption${slot}`]),
      voltageV: volts(flat[`chain_vol${slot}`]),
    }),
  });
}

function fansOf(replies: Replies): Fan[] {
  const cooling = row(miner(replies)['cooling']);
  const percent = num(cooling['fan_duty']);
  const web = rows(cooling['fans']).map((fan, index) => ({
    slot: num(fan['id']) ?? index,
    rpm: num(fan['rpm']),
    percent,
  }));
  if (web.length > 0) return web;
  const duty = num(stats(replies)['fan_pwm']);
  return readFans(replies).map(({ slot, rpm }) => ({ slot, rpm, percent: duty }));
}

/** Rows as cgminer's. "working" is a pool that is alive and waits. */
function listedPools(replies: Replies) {
  const { pools: web } = miner(replies);
  if (!Array.isArray(web)) return row(replies.get('pools'))['POOLS'];
  return rows(web).map((pool) => {
    const said = text(pool['status'])?.toLowerCase() ?? null;
    return {
      URL: pool['url'] ?? null,
      User: pool['user'] ?? null,
      Priority: pool['id'] ?? null,
      Status: said === null ? null : /^(active|working)$/.test(said) ? 'Alive' : 'Dead',
      'Stratum Active': said === null ? null : said === 'active',
      Accepted: pool['accepted'] ?? null,
      Rejected: pool['rejected'] ?? null,
      Stale: pool['stale'] ?? null,
      type: pool['pool_type'] ?? null,
    };
  });
}

/** Watts of the chosen preset: its name is their number, or a word. */
function presetWatts(replies: Replies): number | null {
  const chosen = row(row(row(replies.get(SETTINGS))['miner'])['overclock'])['preset'];
  return positive(chosen ?? row(row(replies.get(PERFORMANCE))['current_preset'])['name']);
}

function totalWatts(replies: Replies): number | null {
  const web = positive(miner(replies)['power_consumption'] ?? miner(replies)['power_usage']);
  if (web !== null) return web;
  const flat = stats(replies);
  const chains = Object.keys(flat).filter((key) => /^chain_consumption\d+$/.test(key));
  return chains.reduce((sum, key) => sum + (positive(flat[key]) ?? 0), 0) || null;
}

const waterOf = (replies: Replies, key: string): Json[] =>
  rows(miner(replies)['chains']).map((chain) => chain[key] ?? null);

const MINING = /^(mining|auto[-_]tuning|tuning)$/i;

const stateOf: Source = first(
  (replies) => status(replies)['miner_state'],
  (replies) => stats(replies)['state'],
);

function readErrors(replies: Replies): MinerError[] {
  const found: MinerError[] = [];
  const failure = status(replies);
  if (/^fail/i.test(text(failure['miner_state']) ?? '')) {
    found.push({
      code: text(failure['failure_code']) ?? 'failure',
      text: text(failure['description'] ?? failure['failure_description']),
      severity: 'error',
    });
  }
  for (const chain of rows(miner(replies)['chains'])) {
    const said = row(chain['status']);
    if (!/^fail/i.test(text(said['state']) ?? '')) continue;
    found.push({
      code: `chain ${num(chain['id']) ?? '?'}`,
      text: text(said['description']),
      severity: 'error',
    });
  }
  for (const [key, fault] of Object.entries(stats(replies))) {
    const slot = /^chain_fault(\d+)$/.exec(key)?.[1];
    const said = text(fault);
    if (slot !== undefined && said !== null) {
      found.push({ code: `chain ${slot}`, text: said, severity: 'error' });
    }
  }
  return found;
}

const PLAN: readonly Step[] = [
  // The time since the start is in `info` alone.
  { ask: [get(SUMMARY, UNLOCK), get(INFO)], every: 'poll' },
  {
    ask: [rpc('summary'), rpc('stats'), rpc('pools')],
    join: true,
    every: 'poll',
    when: (replies) => !isRow(replies.get(SUMMARY)),
  },
  // Where the password was changed, once an hour is often enough to be refused.
  {
    ask: [get(SETTINGS, UNLOCK)],
    every: 'hour',
    when: (replies) => replies.has(INFO),
    keepWhen: (replies) => replies.has(SETTINGS),
  },
  {
    ask: [get(PERFORMANCE)],
    every: 'poll',
    when: (replies) => replies.has(INFO) && !replies.has(SETTINGS),
  },
  { ask: [rpc('version')], every: 'hour' },
];

export const vnish: Family = {
  id: 'vnish',
  make: 'AntMiner',
  product: 'VNish',
  recognise: { cgminer: [/VNISH/], page: /AnthillOS|VNish/i },
  login: { user: 'admin', password: 'admin' },
  model: modelOf,
  plans: new Map<number, readonly Step[]>([
    [4028, PLAN],
    [80, PLAN],
  ]),
  capabilities: [
    identity({
      modelRaw: rawModel,
      mac: (replies) => network(replies)['mac'],
      hostname: (replies) => network(replies)['hostname'],
      serial: (replies) => info(replies)['serial'],
      firmwareVersion: first(
        (replies) => info(replies)['fw_version'],
        versionInType,
        at('stats', 'STATS', 'CompileTime'),
      ),
      apiVersion: at('version', 'VERSION', 'API'),
      controlBoard: first(
        (replies) => info(replies)['platform'],
        at('version', 'VERSION', 'Miner'),
      ),
      algorithm: (replies) => {
        const raw = text(rawModel(replies));
        return raw === null ? null : algorithmOf(modelOf(raw));
      },
    }),
    hashrate({
      now: [
        { from: fromMiner('hr_realtime'), unit: webUnit, window: 'realtime' },
        { from: fromMiner('instant_hashrate'), unit: 'TH/s', window: 'realtime' },
        { from: (replies) => summary(replies)['GHS 5s'], unit: totalUnit, window: '5s' },
        { from: (replies) => stats(replies)['GHS 5s'], unit: totalUnit, window: '5s' },
        { from: (replies) => stats(replies)['total_rate'], unit: totalUnit, window: 'realtime' },
      ],
      average: [
        { from: fromMiner('hr_average'), unit: webUnit },
        { from: fromMiner('average_hashrate'), unit: 'TH/s' },
        { from: (replies) => summary(replies)['GHS av'], unit: totalUnit },
        { from: (replies) => stats(replies)['GHS av'], unit: totalUnit },
      ],
      expected: [
        { from: fromMiner('hr_nominal'), unit: webUnit },
        { from: fromMiner('hr_stock'), unit: webUnit },
        { from: (replies) => stats(replies)['total_rateideal'], unit: totalUnit },
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
        'voltageV',
        'powerW',
        'hwErrors',
        'serial',
      ],
      readBoards,
    ),
    fans(['slot', 'rpm', 'percent'], fansOf),
    pools({
      from: listedPools,
      keys: { devFee: (pool) => /dev/i.test(text(pool['type']) ?? '') },
    }),
    shares((replies) => {
      const { hw_errors: hwErrors } = miner(replies);
      return hwErrors === undefined ? summary(replies) : { 'Hardware Errors': hwErrors };
    }),
    power(['watts', 'source', 'limitW', 'mode'], (replies) => {
      const watts = totalWatts(replies);
      const isMetered = row(miner(replies)['psu'])['psu_power_metering'] === true;
      return {
        watts,
        source: watts === null ? null : isMetered ? 'psu' : 'estimate',
        limitW: presetWatts(replies),
        mode: text(row(row(row(replies.get(SETTINGS))['miner'])['overclock'])['preset']),
      };
    }),
    fluid({
      in: (replies) => waterOf(replies, 'inlet_water_temp'),
      out: (replies) => waterOf(replies, 'outlet_water_temp'),
    }),
    state(['mining', 'text', 'uptimeS'], (replies, reading) => {
      const said = text(stateOf(replies));
      const { nowThs } = reading.hashrate;
      return {
        mining: said === null ? (nowThs === null ? null : nowThs > 0) : MINING.test(said),
        text: said,
        uptimeS: duration(
          row(info(replies)['system'])['uptime'] ??
            summary(replies)['Elapsed'] ??
            stats(replies)['Elapsed'],
        ),
      };
    }),
    errors(readErrors),
  ],
};

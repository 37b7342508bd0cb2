import { ghsUnitOf } from '../../agent/families/antminer-stock/models.ts';
import { rate } from '../../agent/families/units.ts';
import { duration } from '../../agent/families/values.ts';
import type { Board, Reading } from '../../agent/reading.ts';
import type { Observed } from './outcome.ts';

/**
 * How each key of the sets' `expected.json` is compared. The sets come from several sources, which
 * name the same thing differently; all their words are here.
 */

export type Check = { found: unknown; ok: boolean } | { leftOut: string };
export type Rule = (expected: unknown, observed: Observed, all: Expected) => Check;
export type Expected = Readonly<Record<string, unknown>>;

/** Measured quantities may differ by half a percent. */
const TOLERANCE = 0.005;

function near(expected: unknown, found: unknown): boolean {
  if (typeof expected !== 'number' || typeof found !== 'number') return expected === found;
  return Math.abs(expected - found) <= Math.abs(expected) * TOLERANCE;
}

const measured =
  (pick: (reading: Reading) => number | null): Rule =>
  (expected, { reading }) => {
    const found = pick(reading);
    return { found, ok: near(expected, found) };
  };

const exact =
  (pick: (reading: Reading) => unknown): Rule =>
  (expected, { reading }) => {
    const found = pick(reading);
    return { found, ok: JSON.stringify(found) === JSON.stringify(expected) };
  };

const text =
  (pick: (reading: Reading) => string | null, same = squeezed): Rule =>
  (expected, { reading }) => {
    const found = pick(reading);
    if (expected === null) return { found, ok: found === null };
    return {
      found,
      ok: found !== null && typeof expected === 'string' && same(expected) === same(found),
    };
  };

const list =
  (pick: (reading: Reading) => (number | null)[]): Rule =>
  (expected, { reading }) => {
    const found = pick(reading);
    const wanted = Array.isArray(expected) ? expected : [expected];
    return {
      found,
      ok: wanted.length === found.length && wanted.every((item, at) => near(item, found[at])),
    };
  };

/** Several facts of one thing in an object; those the source gives are compared. */
const fields =
  (pick: (reading: Reading) => Readonly<Record<string, unknown>>): Rule =>
  (expected, { reading }) => {
    const found = pick(reading);
    const wanted = Object.entries(expected as Expected);
    return { found, ok: wanted.every(([key, value]) => near(value, found[key])) };
  };

/** As `exact`, but null in a list with other values is what the source's test says nothing of. */
const asserted =
  (pick: (reading: Reading) => readonly unknown[]): Rule =>
  (expected, { reading }) => {
    const found = pick(reading);
    const wanted = Array.isArray(expected) ? (expected as unknown[]) : [expected];
    const isSaid = wanted.some((value) => value !== null);
    const ok = wanted.every((value, at) => (isSaid && value === null) || value === found[at]);
    return { found, ok: ok && wanted.length === found.length };
  };

const leftOut =
  (reason: string): Rule =>
  () => ({ leftOut: reason });

/** Evidence rather than a reading: it must be among what the agent was told. */
const heard =
  (shape: (expected: string) => string): Rule =>
  (expected, { identified, read }) => {
    const wanted = shape(JSON.stringify(expected).replace(/^"|"$/g, ''));
    const exchanges = [...identified.exchanges, ...(read?.exchanges ?? [])];
    return { found: null, ok: exchanges.some(({ reply }) => reply?.includes(wanted)) };
  };

const squeezed = (value: string) => value.replace(/\s+/g, ' ').trim();
const bareMac = (value: string) => value.replace(/[:.-]/g, '').toLowerCase();

/**
 * A source that names its field ("SUMMARY[0].MHS av") means that window; one that does not means
 * either the current or the average rate.
 */
const hashrate =
  (scale: number, same = near): Rule =>
  (expected, { reading }, all) => {
    const { nowThs, avgThs } = reading.hashrate;
    const where = JSON.stringify(all['hashrate_found_at'] ?? '');
    const candidates = !('hashrate_found_at' in all)
      ? [nowThs, avgThs]
      : /(\b(av|avg|average)|hsav)\b/i.test(where) && !/\b5s\b|total_rate/.test(where)
        ? [avgThs]
        : [nowThs];
    const found = candidates.map((ths) => (ths === null ? null : ths / scale));
    // Both in a list: the current one, the average.
    if (Array.isArray(expected)) {
      return { found, ok: expected.every((value, at) => same(value, found[at])) };
    }
    return { found, ok: found.some((value) => same(expected, value)) };
  };

/** One for each slot from the first on; 0 for a slot without a board or without a sensor. */
const bySlot =
  (pick: (board: Board) => number | null): Rule =>
  (expected, { reading: { boards } }) => {
    const wanted = Array.isArray(expected) ? expected : [];
    const from = boards.some(({ slot }) => slot === 0) ? 0 : 1;
    const found = wanted.map((_, index) => {
      const board = boards.find(({ slot }) => slot === index + from);
      return board ? (pick(board) ?? 0) : 0;
    });
    const isAll = boards.length <= wanted.filter((value) => value !== 0).length;
    return { found, ok: isAll && wanted.every((item, at) => near(item, found[at])) };
  };

const rounded = (expected: unknown, found: unknown) =>
  typeof found === 'number' && Math.round(found) === expected;

/** TH/s that one of the unit is. */
const THS = 1;
const GHS = 1e-3;
const MHS = 1e-6;
const KHS = 1e-9;
const HS = 1e-12;

/** The number under a key that says GHS, whatever the machine counts there: MH/s on Scrypt. */
const asLabelled =
  (pick: (reading: Reading) => number | null): Rule =>
  (expected, { reading }) => {
    const ths = pick(reading);
    const scale = { 'GH/s': GHS, 'MH/s': MHS, 'kH/s': KHS, 'H/s': HS, 'TH/s': THS, 'PH/s': 1e3 };
    const found = ths === null ? null : ths / scale[ghsUnitOf(reading.identity.model)];
    return { found, ok: near(expected, found) };
  };
const average = (scale: number) =>
  measured(({ hashrate: { avgThs } }) => (avgThs === null ? null : avgThs / scale));
const expectedRate = (scale: number) =>
  measured(({ hashrate: { expectedThs } }) => (expectedThs === null ? null : expectedThs / scale));

const sum = (values: (number | null)[]) =>
  values.reduce<number>((total, value) => total + (value ?? 0), 0);
const hottest = (values: readonly number[]) => (values.length > 0 ? Math.max(...values) : null);
const board = (slot: number, pick: (board: Board) => unknown): Rule =>
  ((expected, { reading }) => {
    const one = reading.boards[slot];
    const found = one ? pick(one) : null;
    return { found, ok: near(expected, found) };
  }) satisfies Rule;

/**
 * The source's parser visits the sensors in its own order, takes whole degrees and some sensors only:
 * each of its temperatures must be one of ours, each of ours used once.
 */
const temperatures: Rule = (expected, { reading }) => {
  const ours = [
    ...reading.boards.flatMap(({ boardTempsC, chipTempsC }) => [...boardTempsC, ...chipTempsC]),
    ...(reading.thermal.envC === null ? [] : [reading.thermal.envC]),
  ];
  const left = ours.map(Math.trunc);
  const wanted = Array.isArray(expected) ? expected : [];
  const ok = wanted.every((value) => {
    const at = left.indexOf(value as number);
    if (at >= 0) left.splice(at, 1);
    return at >= 0;
  });
  // A source that reports none while we do means the machine has none; it has no word for the air.
  const isBare = reading.boards.every(
    ({ boardTempsC, chipTempsC }) => boardTempsC.length + chipTempsC.length === 0,
  );
  return { found: ours, ok: ok && (wanted.length > 0 || isBare) };
};

/**
 * Fans by `fan_units`. The source leaves out fans that stand still and counts the power supply's with
 * the others; in percent it gives one figure for all the fans of a module.
 */
const fans: Rule = (expected, { reading }, all) => {
  const wanted = Array.isArray(expected) ? (expected as number[]) : [];
  if (all['fan_units'] === '%') {
    const each = reading.fans.map(({ percent }) => percent);
    const found = each.length === wanted.length ? each : [...new Set(each)];
    return { found, ok: JSON.stringify(found) === JSON.stringify(wanted) };
  }
  const turning = (rpm: number | null) => wanted.includes(0) || rpm !== 0;
  const own = reading.fans.map(({ rpm }) => rpm).filter(turning);
  const found = own.length < wanted.length ? [...own, ...reading.psuFans] : own;
  return { found, ok: JSON.stringify(found) === JSON.stringify(wanted) };
};

const isSleeping = ({ state }: Reading) => /sleep/i.test(state.text ?? '');

/** The source's own words for a mode: asleep, standing still, else as the miner names its mode. */
const powerMode: Rule = (expected, { reading }) => {
  const idle = reading.state.mining === false ? 'IDLE' : 'NORMAL';
  const named = reading.power.mode?.toUpperCase() ?? idle;
  // ePIC's preset for little power is called Efficiency.
  const found = isSleeping(reading) ? 'SLEEPING' : named.replace('EFFICIENCY', 'LOW');
  return { found, ok: found === expected };
};

/** The source means boards with bad chips, not the miner's error codes; asleep all chips are "bad". */
const hasErrors: Rule = (expected, { reading }) => {
  const bad = reading.boards.some(
    ({ chips, chipsGood }) => chips !== null && chipsGood !== null && chipsGood < chips,
  );
  const found = bad && !isSleeping(reading);
  return { found, ok: found === expected };
};

const errorCodes: Rule = (expected, { reading }) => {
  const codes = reading.errors.map(({ code }) => Number(code)).filter((code) => code > 0);
  const found = [...new Set(codes)].sort((a, b) => a - b);
  const wanted = Array.isArray(expected) ? (expected as number[]).toSorted((a, b) => a - b) : [];
  return { found, ok: JSON.stringify(found) === JSON.stringify(wanted) };
};

const greaterThan =
  (pick: (reading: Reading) => number | null): Rule =>
  (expected, { reading }) => {
    const found = pick(reading);
    return { found, ok: found !== null && found > Number(expected) };
  };

/**
 * A version where the firmware has none of its own. One that names itself tells that name; then the time
 * it was built is evidence like any other.
 */
const compileTime: Rule = (expected, observed, all) => {
  const found = observed.reading.identity.firmwareVersion;
  if (!expected) return { leftOut: 'the set says that the reply tells no compile time' };
  return found !== null && /^\d+(\.\d+)+/.test(found)
    ? heard((value) => `"${value}"`)(expected, observed, all)
    : text(({ identity }) => identity.firmwareVersion)(expected, observed, all);
};

/**
 * Texts of the miner's errors; some sources put the place before them in brackets, others list the state
 * of the machine among them.
 */
const messages: Rule = (expected, { reading: { errors, state } }) => {
  const found = errors.map((error) => error.text ?? error.code);
  const wanted = (Array.isArray(expected) ? expected : []) as (string | { message: string })[];
  const isOurs = (one: string | { message: string }, at: number) =>
    typeof one === 'string'
      ? found[at]?.endsWith(one.replace(/^\[[^\]]*\]\s*/, ''))
      : [state.text, ...found].includes(one.message);
  const isAll = !wanted.every((one) => typeof one === 'string') || wanted.length === found.length;
  return { found: [state.text, ...found], ok: isAll && wanted.every(isOurs) };
};

/** Boards that hash; while none does, those that have chips. */
const activeBoards: Rule = asserted(({ boards }) => {
  const hashing = boards.map(({ hashrateThs }) => (hashrateThs ?? 0) > 0);
  return hashing.includes(true) ? hashing : boards.map(({ chips }) => (chips ?? 0) > 0);
});

const ofOneGroup: Rule = (expected, observed, all) =>
  all['pool_groups'] === 1
    ? exact(({ pools }) => pools.length)(expected, observed, all)
    : { leftOut: 'groups of pools are no part of a reading' };

const inAllGroups: Rule = (expected, { reading: { pools } }) => ({
  found: pools.length,
  ok: Array.isArray(expected) && sum(expected as number[]) === pools.length,
});

export const VOCABULARY: Readonly<Record<string, Rule>> = {
  // Hashrate
  hashrate_ths: hashrate(THS),
  hashrate_hs: hashrate(HS),
  hashrate_ghs: hashrate(GHS),
  hashrate_mhs: hashrate(MHS),
  hashrate_ksols: hashrate(KHS),
  hashrate_ths_rounded: hashrate(THS, rounded),
  hashrate_mhs_rounded: hashrate(MHS, rounded),
  hashrate_ths_greater_than: greaterThan(({ hashrate: { nowThs } }) => nowThs),
  hashrate_avg_ths: average(THS),
  hashrate_avg_ksols: average(KHS),
  ghs_5s: asLabelled(({ hashrate: { nowThs } }) => nowThs),
  ghs_av: asLabelled(({ hashrate: { avgThs } }) => avgThs),
  expected_ths: expectedRate(THS),
  expected_hashrate_ths: expectedRate(THS),
  expected_hashrate_ghs: expectedRate(GHS),
  expected_hashrate_ghs_computed: expectedRate(GHS),
  expected_hashrate_mhs: expectedRate(MHS),
  expected_ksols: expectedRate(KHS),

  // Boards and chips
  boards: exact(({ boards }) => boards.length),
  // Sources count from 0; the firmware's own numbers mostly begin at 1.
  board_slots: (expected, { reading: { boards } }) => {
    const found = boards.map(({ slot }) => slot);
    const fromZero = found.map((slot) => slot - 1);
    return { found, ok: [found, fromZero].some((slots) => String(slots) === String(expected)) };
  },
  board_slots_rpc: exact(({ boards }) => boards.map(({ slot }) => slot)),
  board_ids: exact(({ boards }) => boards.map(({ slot }) => slot)),
  board_chips: asserted(({ boards }) => boards.map(({ chips }) => chips)),
  board_active: activeBoards,
  board_ths: list(({ boards }) => boards.map(({ hashrateThs }) => hashrateThs)),
  board_rt_ghs: list(({ boards }) => boards.map(({ hashrateThs }) => (hashrateThs ?? 0) / GHS)),
  board0_chips: board(0, ({ chips }) => chips),
  board0_max_c: board(0, ({ chipTempsC, boardTempsC }) => hottest([...chipTempsC, ...boardTempsC])),
  board0_serial: board(0, ({ serial }) => serial),
  board3_serial: board(3, ({ serial }) => serial),
  board0_mhs: board(0, ({ hashrateThs }) => (hashrateThs ?? 0) / MHS),
  board0_expected_ths: board(0, ({ expectedThs }) => expectedThs),
  board0_inlet_c: board(0, ({ boardTempsC }) => Math.min(...boardTempsC)),
  board0_outlet_c: board(0, ({ boardTempsC }) => hottest(boardTempsC)),
  board_inlet_c: board(0, ({ boardTempsC }) => boardTempsC[0]),
  board_outlet_c: board(0, ({ boardTempsC }) => boardTempsC.at(-1)),
  board2_pcb_c: board(2, ({ boardTempsC }) => hottest(boardTempsC)),
  board2_chip_outlet_c: board(2, ({ chipTempsC }) => hottest(chipTempsC)),
  chips: (expected, observed, all) =>
    Array.isArray(expected)
      ? list(({ boards }) => boards.map(({ chips }) => chips))(expected, observed, all)
      : exact(({ boards }) => sum(boards.map(({ chips }) => chips)))(expected, observed, all),
  chips_total_equals_expected: exact(
    ({ boards }) =>
      sum(boards.map(({ chips }) => chips)) ===
      sum(boards.map(({ chipsExpected }) => chipsExpected)),
  ),
  chips_working: exact(({ boards }) =>
    sum(boards.map(({ chips, chipsGood }) => chipsGood ?? chips)),
  ),
  freq_mhz: board(0, ({ frequencyMhz }) => frequencyMhz),
  hw_errors: exact(({ shares }) => shares.hwErrors),
  hardware_errors: exact(({ shares }) => shares.hwErrors),

  // Temperatures
  temps: temperatures,
  temps_pcb: bySlot(({ boardTempsC }) => hottest(boardTempsC)),
  temps_chip: bySlot(({ chipTempsC }) => hottest(chipTempsC)),
  board_c: list(({ boards }) => boards.map(({ boardTempsC }) => boardTempsC[0] ?? null)),
  pcb_c: list(({ boards }) => boards.map(({ boardTempsC }) => hottest(boardTempsC))),
  chip_c: list(({ boards }) => boards.map(({ chipTempsC }) => hottest(chipTempsC))),
  inlet_c: measured(({ thermal }) => thermal.envC),
  temperature_max_c: (expected, observed, all) =>
    observed.reading.identity.firmware === 'MaraFW'
      ? { leftOut: "the hottest raw sensor, 15 °C below the same firmware's chip temperature" }
      : measured(({ thermal }) => thermal.chipMaxC ?? thermal.boardMaxC)(expected, observed, all),

  // Fans and power
  fans,
  fan_count: exact((reading) => reading.fans.length),
  psu_fan_count: exact((reading) => reading.psuFans.length),
  fans_percent: measured((reading) => reading.fans[0]?.percent ?? null),
  fans_row0: list((reading) => reading.fans.map(({ rpm }) => rpm)),
  wattage: measured(({ power }) => power.watts),
  wall_w: measured(({ power }) => power.watts),
  wattage_greater_than: greaterThan(({ power }) => power.watts),
  wattage_is_estimate: exact(({ power }) => power.source === 'estimate'),
  wattage_limit: measured(({ power }) => power.limitW),
  power_limit_w: measured(({ power }) => power.limitW),
  power_target_w: measured(({ power }) => power.limitW),
  power_mode: powerMode,

  // State
  is_mining: exact(({ state }) => state.mining),
  status: text(({ state }) => state.text),
  uptime_s: exact(({ state }) => state.uptimeS),
  has_errors: hasErrors,
  error_codes: errorCodes,
  message_count: exact(({ errors }) => errors.length),
  accepted: (expected, observed, all) =>
    Array.isArray(expected)
      ? list(({ pools }) => pools.map((pool) => pool.accepted))(expected, observed, all)
      : measured(({ shares }) => shares.accepted)(expected, observed, all),
  rejected: (expected, observed, all) =>
    Array.isArray(expected)
      ? list(({ pools }) => pools.map((pool) => pool.rejected))(expected, observed, all)
      : measured(({ shares }) => shares.rejected)(expected, observed, all),
  messages,
  pools_in_group0: ofOneGroup,
  pools_per_group: inAllGroups,
  pool_count: exact(({ pools }) => pools.length),
  pool0_accepted: exact(({ pools }) => pools[0]?.accepted ?? null),
  pool1_alive: exact(({ pools }) => pools[1]?.alive ?? null),
  pool_url: text(
    ({ pools }) => pools[0]?.url ?? null,
    (url) => url.replace(/^[a-z+0-9]+:\/\//, ''),
  ),

  // Identity
  mac: text(({ identity }) => identity.mac, bareMac),
  hostname: text(({ identity }) => identity.hostname),
  serial_number: text(({ identity }) => identity.serial),
  serial_number_dna: text(({ identity }) => identity.serial),
  type: text(({ identity }) => identity.modelRaw),
  miner_type: text(({ identity }) => identity.modelRaw),
  model: text(({ identity }) => identity.modelRaw),
  miner: text(({ identity }) => identity.controlBoard),
  control_board: text(({ identity }) => identity.controlBoard),
  algorithm: text(({ identity }) => identity.algorithm),
  api: text(({ identity }) => identity.apiVersion),
  api_ver: text(({ identity }) => identity.apiVersion),
  version_api: text(({ identity }) => identity.apiVersion),
  fw_ver: text(({ identity }) => identity.firmwareVersion),
  firmware: text(({ identity }) => identity.firmwareVersion),
  compile_time: compileTime,

  // Bitaxe, ePIC, IceRiver, Innosilicon, Auradine, Elphapex, Proto
  vr_c: board(0, ({ boardTempsC }) => boardTempsC[0]),
  uptime: (expected, { reading: { state } }) => {
    const found = state.uptimeS;
    return { found, ok: duration(String(expected)) === found };
  },
  rtpow: (
    expected,
    {
      reading: {
        hashrate: { nowThs },
      },
    },
  ) => ({
    found: nowThs,
    ok: near(rate(String(expected), 'GH/s'), nowThs),
  }),
  avgpow: (
    expected,
    {
      reading: {
        hashrate: { avgThs },
      },
    },
  ) => ({
    found: avgThs,
    ok: near(rate(String(expected), 'GH/s'), avgThs),
  }),
  board0: fields(({ boards: [one] }) => ({
    chips: one?.chips,
    rt_ghs: (one?.hashrateThs ?? 0) / GHS,
    in_c: one?.boardTempsC[0],
    out_c: one?.boardTempsC[1],
  })),
  board3_inlet_chip_c: board(3, ({ chipTempsC }) => Math.min(...chipTempsC)),
  board_temps_in_out: list(({ boards }) => boards.flatMap(({ boardTempsC }) => boardTempsC)),
  // Nothing at all is 0 in this source.
  board_temps_min_max: exact(({ boards }) =>
    boards.map(({ chipTempsC }) => (chipTempsC.length > 0 ? chipTempsC : [0, 0])),
  ),
  pool_reject_ratio: measured(({ shares: { poolRejectedPercent } }) =>
    poolRejectedPercent === null ? null : poolRejectedPercent / 100,
  ),
  pool_states: exact(({ pools }) =>
    pools.map(({ alive }) => (alive === true ? 'Connected' : 'Unconnected')),
  ),
  pool0: fields(({ pools: [one] }) => ({
    url: one?.url,
    user: one?.user,
    accepted: one?.accepted,
    rejected: one?.rejected,
    active: one?.active,
  })),
  // The model's own word is the first of the two.
  software: (expected, { reading: { identity } }) => ({
    found: identity.modelRaw,
    ok: identity.modelRaw !== null && String(expected).startsWith(identity.modelRaw),
  }),
  board1_chip69_mhs: leftOut('rates of single chips are no part of a reading'),
  board2_chip72_mhs: leftOut('rates of single chips are no part of a reading'),
  board_avg_ghs: leftOut('averages of single boards are no part of a reading'),
  fan_target_c: leftOut('settings are no part of a reading'),
  fan_idle_percent: leftOut('settings are no part of a reading'),
  scaling_minimum: leftOut('settings are no part of a reading'),
  scaling_step: leftOut('settings are no part of a reading'),

  // About the set, or not part of a reading
  boards_expected: leftOut('a count from a table of models'),
  pool_groups: leftOut('groups of pools are no part of a reading'),
  light_flashing: leftOut('the lamp is no part of a reading'),
  scaled_power_target_w: leftOut('a target lowered for heat is no part of a reading'),
  wattage_source: heard((value) => `"${value}"`),
  fan_units: leftOut('says how `fans` is to be read'),
  hashrate_found_at: leftOut('says which field `hashrate_hs` is'),
  hashrate_note: leftOut('a remark'),
  wattage_note: leftOut('a remark'),
  description: heard((value) => `"${value}"`),
  http_status: heard((value) => `HTTP ${value}`),
  realm: heard((value) => `realm="${value}"`),
  wattage_asserted_by_asic_rs: leftOut(
    'the set itself says it is the DC side; `wall_w` is compared',
  ),
  board_index_web: leftOut(
    'the same boards in the numbering of the web; `board_slots_rpc` is compared',
  ),
  average_temperature_c: leftOut('an average over all sensors is no part of a reading'),
};

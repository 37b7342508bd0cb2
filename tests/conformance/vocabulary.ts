import { rate } from '../../agent/families/units.ts';
import { duration } from '../../agent/families/values.ts';
import {
  GHS,
  HS,
  KHS,
  MHS,
  THS,
  activeBoards,
  asLabelled,
  asserted,
  average,
  bareMac,
  board,
  bySlot,
  compileTime,
  errorCodes,
  exact,
  expectedRate,
  fans,
  fields,
  greaterThan,
  hasErrors,
  hashrate,
  heard,
  hottest,
  inAllGroups,
  leftOut,
  list,
  measured,
  messages,
  near,
  ofOneGroup,
  powerMode,
  rounded,
  sum,
  temperatures,
  text,
  type Rule,
} from './rules.ts';

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

import type { Board, Fan, Pool, Reading } from '../../agent/reading.ts';
import { duration } from '../../agent/families/values.ts';
import {
  average,
  bareMac,
  bareUrl,
  exact,
  expectedRate,
  GHS,
  hashrate,
  hottest,
  HS,
  KHS,
  leftOut,
  list,
  measured,
  MHS,
  same,
  sum,
  text,
  THS,
  type Rule,
} from './rules.ts';

/**
 * Keys that no set has had so far, understood by how they are made: the vocabulary names what the known sources call
 * things, and the next source will call a board's temperature `board2_temp_c` or `board_2_pcb_c`.
 */
export function ruleByPattern(key: string): Rule | null {
  const name = key.toLowerCase().replaceAll('-', '_');
  for (const [pattern, make] of PATTERNS) {
    const match = pattern.exec(name);
    if (!match) continue;
    const rule = make(match.groups ?? {});
    if (rule !== null) return rule;
  }
  return null;
}

type Groups = Readonly<Record<string, string | undefined>>;

/** TH/s that one of the unit is. */
const SCALES: Readonly<Record<string, number>> = {
  hs: HS,
  sols: HS,
  khs: KHS,
  ksols: KHS,
  mhs: MHS,
  msols: MHS,
  ghs: GHS,
  ths: THS,
  phs: 1e3,
};
const UNIT = '(?<unit>hs|khs|mhs|ghs|ths|phs|sols|ksols|msols)';

const BOARD_FACTS: readonly [name: RegExp, pick: (board: Board) => unknown][] = [
  [/^(?:serial|sn|serial_number)$/, ({ serial }) => serial],
  [/^(?:chips|chip_count|asics|asic_num|chips_found)$/, ({ chips }) => chips],
  [
    /^(?:chips_good|good_chips|working_chips|chips_working)$/,
    ({ chips, chipsGood }) => chipsGood ?? chips,
  ],
  [/^(?:chips_expected|expected_chips)$/, ({ chipsExpected }) => chipsExpected],
  [/^(?:freq|frequency|clock)(?:_mhz)?(?:_avg)?$/, ({ frequencyMhz }) => frequencyMhz],
  [/^(?:volts?|voltage)(?:_v)?$/, ({ voltageV }) => voltageV],
  [/^(?:voltage_mv|mv)$/, ({ voltageV }) => (voltageV === null ? null : voltageV * 1e3)],
  [/^(?:power|watts?|wattage|power_w|w)$/, ({ powerW }) => powerW],
  [/^(?:hw|hw_errors|hardware_errors|errors)$/, ({ hwErrors }) => hwErrors],
  [/^(?:slot|id|index|position)$/, ({ slot }) => slot],
  [
    /^(?:pcb|board|pcb_max|board_max)(?:_temp(?:erature)?)?(?:_c)?$/,
    ({ boardTempsC }) => hottest(boardTempsC),
  ],
  [
    /^chip(?:_max)?(?:_temp(?:erature)?)?(?:_max)?(?:_c)?$/,
    ({ chipTempsC }) => hottest(chipTempsC),
  ],
  [
    /^(?:inlet|intake|in)(?:_temp(?:erature)?)?(?:_c)?$/,
    ({ boardTempsC }) => (boardTempsC.length > 0 ? Math.min(...boardTempsC) : null),
  ],
  [
    /^(?:outlet|exhaust|out)(?:_temp(?:erature)?)?(?:_c)?$/,
    ({ boardTempsC }) => hottest(boardTempsC),
  ],
  [
    /^(?:temp|temperature|max|max_temp|max_c|temp_max)(?:_c)?$/,
    ({ boardTempsC, chipTempsC }) => hottest([...chipTempsC, ...boardTempsC]),
  ],
];

const POOL_FACTS: readonly [name: RegExp, pick: (pool: Pool) => unknown][] = [
  [/^(?:url|host|address)$/, ({ url }) => url],
  [/^(?:user|worker|username|account)$/, ({ user }) => user],
  [/^accepted(?:_shares)?$/, ({ accepted }) => accepted],
  [/^rejected(?:_shares)?$/, ({ rejected }) => rejected],
  [/^stale(?:_shares)?$/, ({ stale }) => stale],
  [/^(?:alive|up|connected)$/, ({ alive }) => alive],
  [/^(?:active|in_use|current)$/, ({ active }) => active],
  [/^(?:priority|position)$/, ({ priority }) => priority],
  [/^(?:is_)?dev_?fee$/, ({ isDevFee }) => isDevFee],
];

const FAN_FACTS: readonly [name: RegExp, pick: (fan: Fan) => unknown][] = [
  [/^(?:rpm|speed|speed_rpm)?$/, ({ rpm }) => rpm],
  [/^(?:percent|pct|duty|speed_percent)$/, ({ percent }) => percent],
];

const FACTS: readonly [name: RegExp, rule: Rule][] = [
  [
    /^(?:power|watts?|power_w|wattage_w|consumption_w|power_consumption(?:_w)?|power_usage(?:_w)?|input_power(?:_w)?)$/,
    measured(({ power }) => power.watts),
  ],
  [/^(?:power|wattage)_(?:limit|target|cap)(?:_w)?$/, measured(({ power }) => power.limitW)],
  [/^(?:efficiency|efficiency_jth|j_per_th|jth|j_th)$/, measured(efficiency)],
  [/^(?:work_?mode|mode)$/, text(({ power }) => power.mode)],
  [/^(?:uptime|elapsed|runtime)(?:_s|_seconds|_sec)?$/, uptime],
  [/^(?:mining|is_hashing|hashing)$/, exact(({ state }) => state.mining)],
  [/^(?:sleeping|is_sleeping|asleep)$/, exact(({ state }) => /sleep/i.test(state.text ?? ''))],
  [/^(?:state|operating_state|miner_state|system_status)$/, text(({ state }) => state.text)],
  [
    /^(?:env|ambient|environment|intake|inlet|air_in)(?:_temp(?:erature)?)?(?:_c)?$/,
    measured(({ thermal }) => thermal.envC),
  ],
  [
    /^(?:fluid|liquid|water|coolant)(?:_(?:in|inlet))?(?:_temp(?:erature)?)?(?:_c)?$/,
    measured(({ thermal }) => thermal.fluidInC),
  ],
  [
    /^(?:outlet_fluid|(?:fluid|liquid|water|coolant)_(?:out|outlet))(?:_temp(?:erature)?)?(?:_c)?$/,
    measured(({ thermal }) => thermal.fluidOutC),
  ],
  [
    /^(?:chip_max|max_chip|hottest_chip)(?:_temp(?:erature)?)?(?:_c)?$/,
    measured(({ thermal }) => thermal.chipMaxC),
  ],
  [
    /^(?:board_max|max_board|pcb_max|max_pcb|hottest_board)(?:_temp(?:erature)?)?(?:_c)?$/,
    measured(({ thermal }) => thermal.boardMaxC),
  ],
  [
    /^(?:max_temp(?:erature)?|temp(?:erature)?_max|temp(?:erature)?)(?:_c)?$/,
    measured(({ thermal }) => thermal.chipMaxC ?? thermal.boardMaxC),
  ],
  [
    /^avg_temp|average_temp|temp(?:erature)?_avg/,
    leftOut('an average over all sensors is no part of a reading'),
  ],
  [/^(?:accepted|shares_accepted)(?:_shares)?$/, measured(({ shares }) => shares.accepted)],
  [/^(?:rejected|shares_rejected)(?:_shares)?$/, measured(({ shares }) => shares.rejected)],
  [/^(?:stale|shares_stale)(?:_shares)?$/, measured(({ shares }) => shares.stale)],
  [/^hw(?:_errors)?$|^hardware_errors$/, exact(({ shares }) => shares.hwErrors)],
  [
    /^(?:pool_)?reject(?:ed)?_(?:percent|pct)$/,
    measured(({ shares }) => shares.poolRejectedPercent),
  ],
  [
    /^(?:board|hashboard|chain)s?_?(?:count|num)?$|^num_(?:boards|hashboards|chains)$/,
    exact(({ boards }) => boards.length),
  ],
  [/^fans?_(?:count|num)$|^num_fans$/, exact(({ fans }) => fans.length)],
  [/^pools?_(?:count|num)$|^num_pools$/, exact(({ pools }) => pools.length)],
  [
    /^(?:total_chips|chips_total|chip_count|asic_count|chip_num)$/,
    exact(({ boards }) => sum(boards.map(({ chips }) => chips))),
  ],
  [/^(?:fan_rpm|fans_rpm|fan_speeds?)$/, list(({ fans }) => fans.map(({ rpm }) => rpm))],
  [/^psu_fans?(?:_rpm|_speed)?$/, list((reading) => reading.psuFans)],
  [/^(?:error_count|errors_count|num_errors)$/, exact(({ errors }) => errors.length)],
  [/^(?:freq|frequency)(?:_mhz)?$/, measured(({ boards }) => boards[0]?.frequencyMhz ?? null)],
  [/^mac(?:_addr(?:ess)?)?$/, text(({ identity }) => identity.mac, bareMac)],
  [/^host(?:_?name)?$/, text(({ identity }) => identity.hostname)],
  [/^(?:serial|sn|minersn|miner_sn|serial_no)$/, text(({ identity }) => identity.serial)],
  [/^(?:make|manufacturer|vendor)$/, text(({ identity }) => identity.make, letters)],
  [/^(?:model|miner_model|model_name|device_model|product)(?:_raw)?$/, model],
  [
    /^(?:fw|firmware)(?:_?ver(?:sion)?)?$|^version$|^software_version$/,
    text(({ identity }) => identity.firmwareVersion),
  ],
  [/^api(?:_?ver(?:sion)?)?$/, text(({ identity }) => identity.apiVersion)],
  [/^algo(?:rithm)?$/, text(({ identity }) => identity.algorithm, letters)],
  [/^control_?board(?:_version|_type)?$|^platform$/, text(({ identity }) => identity.controlBoard)],
  [/_(?:note|source|found_at|units?|remark|asserted_by)$/, leftOut('a remark')],
  [/light|led|blink|locate/, leftOut('the lamp is no part of a reading')],
];

const PATTERNS: readonly [key: RegExp, make: (groups: Groups) => Rule | null][] = [
  [/^(?:hash)?board_?(?<at>\d+)_(?<fact>.+)$/, boardRule],
  [/^chain_?(?<at>\d+)_(?<fact>.+)$/, boardRule],
  [
    /^pool_?(?<at>\d+)_(?<fact>.+)$/,
    ({ at, fact = '' }) => itemRule(({ pools }) => pools, Number(at), fact, POOL_FACTS),
  ],
  [
    /^fan_?(?<at>\d+)(?:_(?<fact>.+))?$/,
    ({ at, fact = '' }) => itemRule(({ fans }) => fans, Number(at), fact, FAN_FACTS),
  ],
  [
    new RegExp(`^(?:hash)?boards?_(?:hash_?rates?_?)?${UNIT}$`),
    ({ unit = '' }) =>
      list(({ boards }) => boards.map(({ hashrateThs }) => scaled(hashrateThs, unit))),
  ],
  [/^(?:hash)?boards?_(?<fact>.+)$/, ({ fact = '' }) => boardListRule(fact)],
  [
    new RegExp(`^(?:expected|nominal|ideal|target|theoretical)_?(?:hash_?rate)?_?${UNIT}$`),
    ({ unit = '' }) => expectedRate(SCALES[unit] ?? 1),
  ],
  [
    new RegExp(`^(?:hash_?rate_)?(?:av|avg|average)_?(?:hash_?rate)?_?${UNIT}$`),
    ({ unit = '' }) => average(SCALES[unit] ?? 1),
  ],
  [
    new RegExp(
      `^(?:hash_?rate|total|now|realtime|current|rate)_?(?:rt|now|5s|1m|hash_?rate)?_?${UNIT}$`,
    ),
    ({ unit = '' }) => hashrate(SCALES[unit] ?? 1),
  ],
  [
    /^(?:sticker|nameplate|factory|stock|rated)_?hash_?rate/,
    () => leftOut('what the model is sold with is no part of a reading'),
  ],
  ...FACTS.map(([name, rule]): [RegExp, () => Rule] => [name, () => rule]),
];

function boardRule({ at, fact = '' }: Groups): Rule | null {
  const rate = new RegExp(`^(?<expected>expected_)?(?:hash_?rate_)?${UNIT}$`).exec(fact)?.groups;
  if (rate) {
    const { unit = '', expected } = rate;
    return itemRule(({ boards }) => boards, Number(at), fact, [
      [/./, (one) => scaled(expected === undefined ? one.hashrateThs : one.expectedThs, unit)],
    ]);
  }
  return itemRule(({ boards }) => boards, Number(at), fact, BOARD_FACTS);
}

/** One fact of one board, pool or fan, counted from 0 in the order of the miner. */
function itemRule<T>(
  of: (reading: Reading) => readonly T[],
  at: number,
  fact: string,
  facts: readonly [name: RegExp, pick: (item: T) => unknown][],
): Rule | null {
  const pick = facts.find(([name]) => name.test(fact))?.[1];
  if (!pick) return null;
  return (expected, { reading }) => {
    const item = of(reading)[at];
    const found = item === undefined ? null : pick(item);
    return { found, ok: same(bareUrl(expected), bareUrl(found)) };
  };
}

/** The same fact of every board, in a list. */
function boardListRule(fact: string): Rule | null {
  const pick = BOARD_FACTS.find(
    ([name]) => name.test(fact.replace(/s$/, '')) || name.test(fact),
  )?.[1];
  if (!pick) return null;
  return (expected, { reading: { boards } }) => {
    const found = boards.map(pick);
    const wanted = Array.isArray(expected) ? (expected as unknown[]) : [expected];
    return {
      found,
      ok: wanted.length === found.length && wanted.every((one, at) => same(one, found[at])),
    };
  };
}

function scaled(ths: number | null, unit: string): number | null {
  return ths === null ? null : ths / (SCALES[unit] ?? 1);
}

function efficiency({ power: { watts }, hashrate: { nowThs } }: Reading): number | null {
  return watts === null || nowThs === null || nowThs === 0 ? null : watts / nowThs;
}

function uptime(expected: unknown, { reading: { state } }: Parameters<Rule>[1]): ReturnType<Rule> {
  const wanted = typeof expected === 'string' ? duration(expected) : expected;
  return { found: state.uptimeS, ok: wanted === state.uptimeS };
}

/** As the miner says it, or without its maker. */
function model(
  expected: unknown,
  { reading: { identity } }: Parameters<Rule>[1],
): ReturnType<Rule> {
  const { model: bare, modelRaw } = identity;
  const found = [modelRaw, bare, `${identity.make ?? ''} ${bare ?? ''}`];
  const wanted = letters(String(expected));
  return { found, ok: found.some((one) => one !== null && letters(one) === wanted) };
}

function letters(value: string): string {
  return value.replaceAll(/[^a-z0-9+]/gi, '').toLowerCase();
}

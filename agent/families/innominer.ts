import type { Json } from '../lenient-json.ts';
import type { Board, Fan } from '../reading.ts';
import { get, post, rpc } from './ask.ts';
import type { SessionLogin } from './ask.ts';
import {
  at,
  board,
  boards,
  errors,
  fans,
  first,
  hashrate,
  identity,
  pools,
  power,
  remembered,
  section,
  shares,
  state,
} from './capabilities.ts';
import type { Capability, Replies, Source, Step } from './family.ts';
import type { RateUnit } from './units.ts';
import { duration, num, positive, row, rows, sensors, text } from './values.ts';
import type { Row } from './values.ts';

/** The web interface that Innosilicon and DragonMint share: reads by POST with a token, older ones by GET. */

const LOGIN: SessionLogin = {
  method: 'POST',
  path: '/api/auth',
  as: 'form',
  fields: { username: '{user}', password: '{password}' },
  session: { json: ['jwt'] },
  header: { name: 'authorization', prefix: 'Bearer ' },
  // A page that an image lacks is no success either; only these words are about the session.
  refused: /"success"\s*:\s*false.*(?:auth|token|jwt|log ?in)/is,
};

const ALL = '/api/getAll';
const SUMMARY = '/api/summary';
const OVERVIEW = '/api/overview';
const OVERVIEW_POSTED = 'posted overview';
const SUMMARY_POSTED = 'posted summary';
const TYPE = '/api/type';
const ERRORS = '/api/getErrorDetail';

const all = (replies: Replies): Row => row(row(replies.get(ALL))['all']);
const web = (replies: Replies): Row => row(replies.get(SUMMARY) ?? replies.get(SUMMARY_POSTED));
const overview = (replies: Replies): Row =>
  row(replies.get(OVERVIEW) ?? replies.get(OVERVIEW_POSTED));

const WHO: readonly Step[] = [
  { ask: [get(OVERVIEW, LOGIN)], every: 'hour' },
  {
    ask: [post(OVERVIEW, null, { login: LOGIN, name: OVERVIEW_POSTED })],
    every: 'hour',
    when: (replies) => !replies.has(OVERVIEW),
  },
  {
    ask: [post(TYPE, null, { login: LOGIN })],
    every: 'hour',
    when: (replies) => text(overview(replies)['type']) === null,
  },
];

/** The page knows the rate without a doubt of its unit, and power; the log of errors is the web's alone. */
const STATUS: readonly Step[] = [
  { ask: [post(ALL, null, { login: LOGIN })], every: 'poll' },
  {
    ask: [get(SUMMARY, LOGIN)],
    every: 'poll',
    when: (replies) => !replies.has(ALL) && !replies.has('summary'),
  },
  {
    ask: [post(SUMMARY, null, { login: LOGIN, name: SUMMARY_POSTED })],
    every: 'poll',
    when: (replies) => !replies.has(ALL) && !replies.has('summary') && !replies.has(SUMMARY),
  },
  { ask: [post(ERRORS, null, { login: LOGIN })], every: 'hour' },
];

export const INNOMINER_PLANS: ReadonlyMap<number, readonly Step[]> = new Map([
  [
    4028,
    [
      { ask: [rpc('summary'), rpc('stats'), rpc('pools')], join: true, every: 'poll' },
      { ask: [rpc('version')], every: 'hour' },
      ...WHO,
      ...STATUS,
    ],
  ],
  [80, [...WHO, ...STATUS]],
]);

/** Type as the web says it, else from the version: "innominer a9-1.1.0". */
const typeOf: Source = (replies) =>
  text(overview(replies)['type']) ??
  text(row(replies.get(TYPE))['type']) ??
  replies.known.modelRaw ??
  /^D(T\d)/i.exec(text(rows(web(replies)['DEVS'])[0]?.['Name']) ?? '')?.[1] ??
  /\b([a-z]+\d+\w*)-\d/i.exec(versionOf(replies) ?? '')?.[1]?.toUpperCase();

function versionOf(replies: Replies): string | null {
  for (const name of ['summary', 'version', 'stats', 'pools']) {
    const [status] = rows(row(replies.get(name))['STATUS']);
    const said = /innominer\s+(\S+)/i.exec(text(status?.['Description']) ?? '')?.[1];
    if (said !== undefined) return said;
  }
  const built = row(rows(row(replies.get('version'))['VERSION'])[0]);
  return text(built['CGMiner']) ?? text(built['Innominer']);
}

const isZcash = (replies: Replies) => /^A9/i.test(text(typeOf(replies)) ?? '');

/** The A9 counts solutions a second under a key that says MHS; everything else means it. */
const summaryUnit = (replies: Replies): RateUnit => (isZcash(replies) ? 'H/s' : 'MH/s');

/** "MHS 5m" … of the boards, added up. */
const sumOfDevs =
  (key: string): Source =>
  (replies) => {
    const told = rows(web(replies)['DEVS'])
      .map((one) => num(one[key]))
      .filter((value) => value !== null);
    return told.length === 0 ? undefined : told.reduce((sum, value) => sum + value, 0);
  };

const totalHash =
  (key: string): Source =>
  (replies) =>
    row(all(replies)['total_hash'])[key];

/** The number is scaled for display; `Unit` says how. Pages without one mean MH/s. */
const displayUnit = (replies: Replies): RateUnit => {
  const said = text(row(all(replies)['total_hash'])['Unit']) ?? text(all(replies)['Unit']);
  const prefix = /^([kmgtp])/i.exec(said ?? '')?.[1]?.toUpperCase() ?? 'M';
  return prefix === 'K' ? 'kH/s' : (`${prefix}H/s` as RateUnit);
};

export const INNOMINER_CAPABILITIES: readonly Capability[] = [
  identity({
    modelRaw: typeOf,
    mac: (replies) => {
      const said = all(replies)['mac'] ?? row(overview(replies)['version'])['ethaddr'];
      // "a0: b0:45:…": one of the images puts blanks in.
      return typeof said === 'string' ? said.replaceAll(' ', '') : undefined;
    },
    firmwareVersion: first(
      (replies) => row(overview(replies)['version'])['platform_v'],
      remembered('firmwareVersion'),
      versionOf,
    ),
    apiVersion: first(at('version', 'VERSION', 'API'), remembered('apiVersion')),
    controlBoard: (replies) => row(overview(replies)['version'])['hwver'],
    algorithm: (replies) => {
      const type = text(typeOf(replies)) ?? '';
      if (/^(?:T\d|DragonMint)/i.test(type)) return 'sha256';
      if (/^A9/i.test(type)) return 'equihash';
      if (/^A[46]/i.test(type)) return 'scrypt';
      if (/^A5/i.test(type)) return 'x11';
      if (/^A8/i.test(type)) return 'cryptonight';
      if (/^A1[01]/i.test(type)) return 'ethash';
      return undefined;
    },
  }),
  hashrate({
    now: [
      { from: totalHash('Hash Rate H'), unit: 'H/s', window: 'realtime' },
      { from: totalHash('Hash Rate'), unit: displayUnit, window: 'realtime' },
      { from: at('summary', 'SUMMARY', 'MHS 1m'), unit: summaryUnit, window: '1m' },
      { from: at('summary', 'SUMMARY', 'MHS 5s'), unit: summaryUnit, window: '5s' },
      { from: sumOfDevs('MHS 5s'), unit: 'MH/s', window: '5s' },
      // Which window the page shows depends on how long it runs; after a quarter of an hour, this.
      { from: sumOfDevs('Hash Rate'), unit: 'MH/s', window: '15m' },
    ],
    average: [
      { from: at('summary', 'SUMMARY', 'MHS av'), unit: summaryUnit },
      { from: sumOfDevs('MHS av'), unit: 'MH/s' },
    ],
    expected: [],
  }),
  boards(
    [
      'slot',
      'hashrateThs',
      'chips',
      'chipsExpected',
      'boardTempsC',
      'chipTempsC',
      'frequencyMhz',
      'hwErrors',
    ],
    readBoards,
  ),
  fans(['slot', 'percent'], readFans),
  pools({ from: (replies) => row(replies.get('pools'))['POOLS'] ?? webPools(replies) }),
  shares(section('summary', 'SUMMARY'), ['accepted', 'rejected', 'stale', 'hwErrors']),
  power(['watts', 'source'], (replies) => {
    const watts = positive(all(replies)['power']) ?? positive(chains(replies)[0]?.['power']);
    return watts === null ? {} : { watts, source: 'psu' };
  }),
  state(['mining', 'uptimeS'], (replies, reading) => {
    const { nowThs } = reading.hashrate;
    return {
      mining: nowThs === null ? null : nowThs > 0,
      uptimeS: duration(
        first(
          at('summary', 'SUMMARY', 'Elapsed'),
          (from) => chains(from)[0]?.['Elapsed'],
          (from) => rows(web(from)['DEVS'])[0]?.['Device Elapsed'],
        )(replies),
      ),
    };
  }),
  errors((replies) => {
    const { code, errmsg } = row(replies.get(ERRORS));
    const said = text(code);
    return said === null || said === '0'
      ? []
      : [{ code: said, text: text(errmsg), severity: 'error' }];
  }),
];

/** Rows of `stats` that are boards, listed or under numbered keys. */
function chains(replies: Replies): Row[] {
  const reply = row(replies.get('stats'));
  const numbered = Object.keys(reply)
    .filter((key) => /^STATS\d+$/.test(key))
    .flatMap((key) => rows(reply[key]));
  return [...rows(reply['STATS']), ...numbered].filter((one) => 'Chain ID' in one);
}

function readBoards(replies: Replies): Board[] {
  const shown = rows(all(replies)['chain']);
  const devs = rows(web(replies)['DEVS']);
  const told = chains(replies);
  const base = told.length > 0 ? told : shown.length > 0 ? shown : devs;
  return base.map((one, index) => {
    const slot = num(one['Chain ID'] ?? one['ASC'] ?? one['ID']) ?? index;
    const page = shown.find((each) => num(each['ASC']) === slot) ?? {};
    const hashes = num(page['Hash Rate H']);
    const mhs = num(one['MHS 5s']);
    return board(slot, {
      // `MHS av` of a chain is on a scale of its own; only the web and DEVS are to be believed.
      hashrateThs: hashes !== null ? hashes / 1e12 : mhs !== null ? mhs / 1e6 : null,
      chips: num(one['Num active chips']),
      chipsExpected: positive(one['Num chips']),
      boardTempsC: sensors([num(one['Temp'] ?? one['Temperature'] ?? page['Average Temp'])]),
      chipTempsC: sensors(
        [one['Temp min'] ?? page['Temp min'], one['Temp max'] ?? page['Temp max']].map(num),
      ),
      frequencyMhz: positive(one['PLL']),
      hwErrors: num(one['Hardware Errors']) ?? chipErrors(one),
    });
  });
}

/** "00 HW errors", "01 HW errors" …: counted by chip. */
function chipErrors(chain: Row): number | null {
  const told = Object.entries(chain).flatMap(([key, value]) =>
    /^\d+ HW errors$/.test(key) ? (num(value) ?? []) : [],
  );
  return told.length === 0 ? null : told.reduce((sum, count) => sum + count, 0);
}

/** One duty for all fans, told once or in every chain's row; rpm are not reported. */
function readFans(replies: Replies): Fan[] {
  const told = [
    all(replies)['fansSpeed'] ?? row(web(replies)['HARDWARE'])['Fan duty'],
    ...chains(replies).map((one) => one['Fan duty']),
  ].filter((value) => num(value) !== null);
  return told.map((value, index) => ({ slot: index + 1, rpm: null, percent: num(value) }));
}

function webPools(replies: Replies): Json | undefined {
  const listed = web(replies)['POOLS'];
  if (listed !== undefined) return listed;
  return rows(all(replies)['pools']).map((pool, index) => ({
    URL: pool['URL'] ?? pool['url'] ?? null,
    User: pool['User'] ?? pool['user'] ?? null,
    Priority: pool['Priority'] ?? index,
    Status: pool['Status'] ?? null,
    'Stratum Active': pool['Stratum Active'] ?? null,
    Accepted: pool['Accepted'] ?? null,
    Rejected: pool['Rejected'] ?? null,
    Stale: pool['Stale'] ?? null,
  }));
}

/** T1 was sold as DragonMint; the rest as Innosilicon. */
export function isDragonMint(replies: Replies): boolean {
  const type = text(overview(replies)['type']) ?? text(row(replies.get(TYPE))['type']);
  if (type !== null) return /^(?:T1|DragonMint|DM)/i.test(type);
  const named = [...rows(web(replies)['DEVS']), ...rows(row(replies.get('devs'))['DEVS'])];
  if (named.some((one) => /^DT1/i.test(text(one['Name']) ?? ''))) return true;
  // Innosilicon's own machines have the chip as well, but a miner that names their maker.
  const chained = chains(replies).some((one) => /^DT1/i.test(text(one['ID']) ?? ''));
  const descriptions = ['summary', 'stats', 'version'].flatMap((name) =>
    rows(row(replies.get(name))['STATUS']).map((status) => text(status['Description']) ?? ''),
  );
  return chained && !descriptions.some((said) => /innominer/i.test(said));
}

/** Something of this web interface or of its miner was heard. */
export function isInnominer(replies: Replies): boolean {
  return (
    [ALL, SUMMARY, SUMMARY_POSTED].some((name) => replies.has(name)) ||
    Object.keys(overview(replies)).length > 0
  );
}

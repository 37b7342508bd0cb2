import type { Json } from '../../lenient-json.ts';
import { get, rpc } from '../ask.ts';
import {
  at,
  boards,
  errors,
  fans,
  first,
  hashrate,
  identity,
  inlet,
  pools,
  power,
  remembered,
  section,
  shares,
  state,
} from '../capabilities.ts';
import type { Family, Replies, Step } from '../family.ts';
import { duration, num, positive, row, text } from '../values.ts';
import { boardsOf, fansOf } from './boards.ts';
import { faultsIn } from './faults.ts';
import { firmwareIn, has, machine, modelIn, numberIn, numbersIn, textIn } from './mm.ts';

const MINER_INFO = '/get_minerinfo.cgi';
const DASHBOARD = '/updatedashboard.cgi';

const summary = section('summary', 'SUMMARY');
const devs = section('devs', 'DEVS');
const dashboard = (replies: Replies) => row(replies.get(DASHBOARD));
const head = (replies: Replies) => machine(replies).modules[0];

const OVER_CGMINER: readonly Step[] = [
  { ask: [rpc('pools'), rpc('summary'), rpc('stats')], join: true, every: 'poll' },
  { ask: [rpc('estats')], every: 'poll', when: (replies) => !replies.has('stats') },
  {
    ask: [rpc('litestats')],
    every: 'poll',
    when: (replies) => !has(replies, 'stats') && !has(replies, 'estats'),
  },
  { ask: [rpc('devs')], every: 'poll', when: (replies) => !replies.has('summary') },
  { ask: [rpc('version')], every: 'hour' },
];

const OVER_WEB: readonly Step[] = [
  { ask: [get(MINER_INFO, 'avalon')], every: 'hour' },
  { ask: [get(DASHBOARD, 'avalon')], every: 'poll' },
];

/** PS = error, control rail, output V×100, output A, DC output W, set V×100, AC input W. */
const PS_DC_W = 4;
const PS_AC_W = 6;

/** Fields of every module added up: one address can be a rack. */
function sum(key: string): (replies: Replies) => Json | undefined {
  return (replies) => {
    const told = machine(replies)
      .modules.map((module) => numberIn(module, key))
      .filter((value) => value !== null);
    return told.length > 0 ? told.reduce((total, value) => total + value, 0) : undefined;
  };
}

/** "AvalonMiner 1047" → "1047", "AvalonMiner 15-194" → "15-194", "Avalon Nano3s" → "Nano3s". */
function modelOf(raw: string): string | null {
  const model = raw.replace(/^\s*(?:canaan\s+)?avalon(?:miner)?\s*/i, '').trim();
  return model === '' ? null : model;
}

export const avalon: Family = {
  id: 'avalon',
  make: 'Avalon',
  product: 'Canaan',
  recognise: {
    cgminer: [/AVALON/, /"PROD"\s*:/, /"ID"\s*:\s*"AV[A-Z]?\d+/, /"MM ID\d/, /\bID=AV[A-Z]?\d+,/],
    page: /avalon/i,
  },
  login: { user: 'root', password: 'root' },
  model: modelOf,
  plans: new Map<number, readonly Step[]>([
    [4028, OVER_CGMINER],
    [80, OVER_WEB],
  ]),
  capabilities: [
    identity({
      modelRaw: first(
        at('version', 'VERSION', 'PROD'),
        at('version', 'VERSION', 'MODEL'),
        (replies) => row(replies.get(MINER_INFO))['hwtype'],
        // The name in `Ver` is cruder than PROD.
        remembered('modelRaw'),
        (replies) => dashboard(replies)['hwtype'],
        (replies) => modelIn(head(replies)),
      ),
      mac: first(
        at('version', 'VERSION', 'MAC'),
        (replies) => row(replies.get(MINER_INFO))['mac'],
        remembered('mac'),
        (replies) => dashboard(replies)['mac'],
      ),
      serial: first(at('version', 'VERSION', 'DNA'), (replies) => {
        const { modules } = machine(replies);
        return modules.length === 1 ? textIn(modules[0], 'DNA') : undefined;
      }),
      firmwareVersion: first(
        at('version', 'VERSION', 'VERSION'),
        remembered('firmwareVersion'),
        (replies) => firmwareIn(head(replies)),
        (replies) => row(replies.get(MINER_INFO))['version'],
        (replies) => dashboard(replies)['version'],
      ),
      apiVersion: at('version', 'VERSION', 'API'),
      controlBoard: at('version', 'VERSION', 'HWTYPE'),
      algorithm: () => 'sha256',
    }),
    hashrate({
      now: [
        { from: (replies) => summary(replies)['MHS 1m'], unit: 'MH/s', window: '1m' },
        { from: (replies) => devs(replies)['MHS 1m'], unit: 'MH/s', window: '1m' },
        { from: (replies) => summary(replies)['MHS 5s'], unit: 'MH/s', window: '5s' },
        { from: sum('GHSspd'), unit: 'GH/s', window: 'realtime' },
        { from: (replies) => dashboard(replies)['hash_5m'], unit: 'TH/s', window: '5m' },
      ],
      average: [
        { from: (replies) => summary(replies)['MHS av'], unit: 'MH/s' },
        { from: sum('GHSavg'), unit: 'GH/s' },
        { from: (replies) => devs(replies)['MHS av'], unit: 'MH/s' },
        { from: (replies) => dashboard(replies)['av'], unit: 'TH/s' },
      ],
      expected: [{ from: sum('GHSmm'), unit: 'GH/s' }],
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
        'hwErrors',
      ],
      (replies) => boardsOf(machine(replies)),
    ),
    fans(['slot', 'rpm', 'percent'], (replies) => {
      const percent = num(dashboard(replies)['fan']);
      return percent === null ? fansOf(machine(replies)) : [{ slot: 1, rpm: null, percent }];
    }),
    pools({
      from: (replies) => row(replies.get('pools'))['POOLS'] ?? webPool(replies),
    }),
    shares((replies) => {
      const told = summary(replies);
      return Object.keys(told).length > 0 ? told : devs(replies);
    }),
    power(['watts', 'source', 'limitW', 'mode'], (replies) => {
      const module = head(replies);
      const supply = module ? numbersIn(module, 'PS') : [];
      const wall = positive(module?.get('WALLPOWER')) ?? positive(supply[PS_AC_W]);
      const dc = positive(supply[PS_DC_W]);
      return {
        watts: wall ?? dc,
        source: wall !== null ? 'psu' : dc !== null ? 'dc' : null,
        limitW: numberIn(module, 'MPO'),
        mode: textIn(module, 'WORKMODE'),
      };
    }),
    inlet((replies) => {
      const { modules } = machine(replies);
      const [only] = modules;
      if (modules.length === 1) return only?.get('ITemp') ?? only?.get('Temp');
      return dashboard(replies)['temperature'];
    }),
    errors((replies) => machine(replies).modules.flatMap(faultsIn)),
    state(['mining', 'text', 'uptimeS'], (replies, reading) => {
      const module = head(replies);
      const status = textIn(module, 'SYSTEMSTATU') ?? text(dashboard(replies)['sys_status']);
      const work = /Work:\s*([^,]+)/i.exec(status ?? '')?.[1]?.trim() ?? null;
      const off = (numberIn(module, 'SoftOFF') ?? 0) !== 0;
      const { nowThs } = reading.hashrate;
      const idle = off || (work !== null && !/in work/i.test(work));
      const known = machine(replies).uptimeS ?? duration(dashboard(replies)['elapsed']);
      return {
        mining: idle ? false : nowThs === null ? (work === null ? null : true) : nowThs > 0,
        text: work,
        uptimeS: known ?? num(summary(replies)['Elapsed']),
      };
    }),
  ],
};

/** The dashboard shows the pool in use only. */
function webPool(replies: Replies): Json | undefined {
  const told = dashboard(replies);
  if (told['url'] === undefined) return undefined;
  return [
    {
      URL: told['url'],
      User: told['worker'] ?? null,
      Accepted: told['accepted'] ?? null,
      Rejected: told['reject'] ?? null,
    },
  ];
}

import type { Board, Fan } from '../../reading.ts';
import { json, post, rpc } from '../ask.ts';
import type { SessionLogin } from '../ask.ts';
import {
  at,
  boards,
  fans,
  first,
  hashrate,
  identity,
  pools,
  power,
  shares,
  state,
} from '../capabilities.ts';
import { deviceBoard, devices, driverName, longest, sumOf } from '../cgminer-devices.ts';
import type { Family, Replies, Step } from '../family.ts';
import { numbered, onePool, slotBoards } from '../openminer.ts';
import { rate } from '../units.ts';
import { mac, num, numbers, positive, row, rows, text } from '../values.ts';

/**
 * Two lines of machines: the Moonlander, a stick under bfgminer on 4028, and the Apollo, a computer of
 * its own with GraphQL on port 5000.
 */

const PORT = 5000;
const PATH = '/api/graphql';

const SESSION: SessionLogin = {
  method: 'POST',
  path: PATH,
  as: 'json',
  fields: {
    query: '{Auth{login(input:{password:"{password}"}){result{accessToken} error{message}}}}',
  },
  session: { json: ['data', 'Auth', 'login', 'result', 'accessToken'] },
  header: { name: 'authorization', prefix: 'Bearer ' },
  refused: /"message"\s*:\s*"[^"]*(?:auth|token|password|login)/i,
};

const ask = (name: string, query: string) =>
  post(PATH, json({ query }), { login: SESSION, port: PORT, name });

const MINER = ask(
  'miner',
  '{Miner{online{result{online{status}}} stats{result{stats{version statVersion versions{miner} master{upTime boardsW intervals{int_0{bySol}}} slots{int_0{chips ghs temperature temperature1 errors}} fans{int_0{rpm}} slaves{uid} pool{host port userName intervals{int_0{sharesAccepted sharesRejected inService}}}}}}}}',
);
const CONTROLLER = ask('mcu', '{Mcu{stats{result{stats{hostname network{name mac}}}}}}');

const devs = devices();
const miner = (replies: Replies) => row(row(row(replies.get('miner'))['data'])['Miner']);
const stats = (replies: Replies) =>
  rows(row(row(miner(replies)['stats'])['result'])['stats'])[0] ?? {};
const master = (replies: Replies) => row(stats(replies)['master']);
const controller = (replies: Replies) => {
  const { Mcu } = row(row(replies.get('mcu'))['data']);
  return row(row(row(row(Mcu)['stats'])['result'])['stats']);
};

const MODELS: Readonly<Record<string, string>> = { v1: 'Apollo BTC', v2: 'Apollo II' };

function readBoards(replies: Replies): Board[] {
  if (replies.has('miner')) return slotBoards(stats(replies)['slots']);
  return devs(replies).map((device, index) =>
    deviceBoard(device, index, {
      hashrateThs: rate(device['MHS rolling'] ?? device['MHS 20s'], 'MH/s'),
    }),
  );
}

function readFans(replies: Replies): Fan[] {
  const { rpm: speeds } = numbered(row(stats(replies)['fans']), 0);
  return numbers(speeds).map((rpm, slot) => ({ slot: slot + 1, rpm, percent: null }));
}

/** The sum of the boards as they run now: `master.intervals` keep the last value of a dead one. */
function slotSum(replies: Replies) {
  const told = slotBoards(stats(replies)['slots']).flatMap(({ hashrateThs }) => hashrateThs ?? []);
  return told.length > 0 ? told.reduce((total, ths) => total + ths, 0) : undefined;
}

const APOLLO: readonly Step[] = [
  { ask: [MINER], every: 'poll' },
  { ask: [CONTROLLER], every: 'hour' },
];
const MOONLANDER: readonly Step[] = [
  { ask: [rpc('devs'), rpc('pools')], join: true, every: 'poll' },
  { ask: [rpc('version')], every: 'hour' },
];

export const futurebit: Family = {
  id: 'futurebit',
  make: 'FutureBit',
  product: 'FutureBit',
  recognise: {
    // bfgminer drives many things; only the driver's name in `devs` is FutureBit's.
    cgminer: [/"DESCRIPTION"\s*:\s*"BFGMINER \d/, /"NAME"\s*:\s*"MLD"/],
    confirm: (replies) => devs(replies).some(({ Name }) => Name === 'MLD'),
    confirmOn: [4028],
    location: /\/overview\/?$/,
  },
  login: { user: 'futurebit', password: 'futurebit123' },
  readAt: PORT,
  plans: new Map([
    [4028, MOONLANDER],
    [PORT, APOLLO],
  ]),
  model: (raw) => (raw === 'MLD' ? 'Moonlander 2' : raw),
  capabilities: [
    identity({
      modelRaw: first(
        (replies) => {
          const version = text(stats(replies)['version']);
          return version === null ? undefined : (MODELS[version.toLowerCase()] ?? 'Apollo');
        },
        driverName(devs),
        (replies) => replies.known.modelRaw,
      ),
      mac: (replies) =>
        rows(controller(replies)['network'])
          .map((card) => card['mac'])
          .find((address) => mac(address) !== null),
      hostname: (replies) => controller(replies)['hostname'],
      serial: (replies) => rows(stats(replies)['slaves'])[0]?.['uid'],
      firmwareVersion: first(
        (replies) => row(stats(replies)['versions'])['miner'],
        at('devs', 'STATUS', 'Description'),
      ),
      apiVersion: first(
        (replies) => stats(replies)['statVersion'],
        at('version', 'VERSION', 'API'),
      ),
      algorithm: (replies) =>
        replies.has('miner') ? 'sha256' : replies.has('devs') ? 'scrypt' : null,
    }),
    hashrate({
      now: [
        { from: slotSum, unit: 'TH/s' },
        { from: sumOf(devs, 'MHS rolling', 'MHS 20s'), unit: 'MH/s', window: '20s' },
      ],
      average: [
        {
          from: (replies) => numbered(row(master(replies)['intervals']), 0)['bySol'],
          unit: 'GH/s',
        },
        { from: sumOf(devs, 'MHS av'), unit: 'MH/s' },
      ],
      expected: [],
    }),
    boards(['slot', 'hashrateThs', 'chips', 'chipTempsC', 'hwErrors'], readBoards),
    fans(['slot', 'rpm'], readFans),
    pools({
      from: (replies) =>
        replies.has('miner')
          ? onePool(row(stats(replies)['pool']))
          : row(replies.get('pools'))['POOLS'],
    }),
    shares(
      (replies) => ({ 'Hardware Errors': sumOf(devs, 'Hardware Errors')(replies) ?? null }),
      ['accepted', 'rejected', 'stale', 'hwErrors'],
    ),
    power(['watts', 'source'], (replies) => {
      const watts = positive(master(replies)['boardsW']);
      return watts === null ? {} : { watts, source: 'dc' };
    }),
    state(['mining', 'text', 'uptimeS'], (replies, reading) => ({
      mining: reading.hashrate.nowThs === null ? null : reading.hashrate.nowThs > 0,
      text: text(row(row(row(miner(replies)['online'])['result'])['online'])['status']),
      uptimeS: num(
        first((from) => master(from)['upTime'], longest(devs, 'Device Elapsed'))(replies),
      ),
    })),
  ],
};

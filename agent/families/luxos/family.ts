import type { Board, Fan, MinerError } from '../../reading.ts';
import { stats, summary } from '../antminer-stock/dialects.ts';
import { algorithmOf, modelOf } from '../antminer-stock/models.ts';
import { rpc } from '../ask.ts';
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
  section,
  shares,
  state,
} from '../capabilities.ts';
import type { Family, Replies, Source, Step } from '../family.ts';
import { chainBoards, chainFans } from '../numbered-chains.ts';
import { rate } from '../units.ts';
import { num, numbers, positive, row, rows, sensors, text } from '../values.ts';
import type { Row } from '../values.ts';

const version = section('version', 'VERSION');
const config = section('config', 'CONFIG');
const powerRow = section('power', 'POWER');

const list = (replies: Replies, command: string, name: string) =>
  rows(row(replies.get(command))[name]);

/** `Miner` is the release; development builds have words there. */
function firmwareVersion(replies: Replies) {
  const release = text(version(replies)['Miner'] ?? stats(replies)['miner_version']);
  return release !== null && /^\d+\.\d/.test(release) ? release : version(replies)['LUXminer'];
}

const modelRaw: Source = first(
  at('version', 'VERSION', 'Type'),
  at('config', 'CONFIG', 'Model'),
  at('stats', 'STATS', 'Type'),
);

/** `devs` by ID with what `stats` and `temps` say of the same board: chain N is ID N − 1. */
function readBoards(replies: Replies): Board[] {
  const chains = new Map(
    chainBoards(stats(replies), {
      unit: 'GH/s',
      threeChainsPerBoard: false,
      zeroRateIsAbsent: true,
    }).map((chain) => [chain.slot - 1, chain]),
  );
  const devices = new Map(
    list(replies, 'devs', 'DEVS').map((dev, index) => [num(dev['ID']) ?? index, dev]),
  );
  const temps = new Map(
    list(replies, 'temps', 'TEMPS').map((temp, index) => [num(temp['ID']) ?? index, temp]),
  );
  const slots = devices.size > 0 ? devices : chains;
  return [...slots.keys()]
    .sort((a, b) => a - b)
    .map((slot) => {
      const device = devices.get(slot) ?? {};
      const chain = chains.get(slot);
      const places = boardTemps(replies, temps.get(slot) ?? {});
      const boardTempsC = places.length > 0 ? places : (chain?.boardTempsC ?? []);
      return board(slot, {
        ...chain,
        slot,
        hashrateThs: rate(device['MHS 5s'], 'MH/s') ?? chain?.hashrateThs ?? null,
        expectedThs: rate(device['Nominal MHS'], 'MH/s') || chain?.expectedThs || null,
        boardTempsC,
        chipTempsC: chipTemps(stats(replies), slot + 1),
        hwErrors: num(device['Hardware Errors']) ?? chain?.hwErrors ?? null,
        serial: text(device['SerialNumber']),
      });
    });
}

/** Sensors at the corners of the board, those where the air comes in first, as the labels say. */
function boardTemps(replies: Replies, temps: Row): number[] {
  const labels = row(list(replies, 'temps', 'METADATA')[0]);
  const isIntake = (corner: string) =>
    /intake|inlet/i.test(text(row(labels[corner])['Label']) ?? '');
  const corners = ['TopLeft', 'TopRight', 'BottomLeft', 'BottomRight'];
  const ordered = [
    ...corners.filter((corner) => isIntake(corner)),
    ...corners.filter((corner) => !isIntake(corner)),
  ];
  return sensors([...ordered.map((corner) => num(temps[corner])), num(temps['Board'])]);
}

/** Machines without sensors at the chips repeat those of the board. */
function chipTemps(flat: Row, chain: number): number[] {
  const told = flat[`temp_chip${chain}`];
  return told === flat[`temp_pcb${chain}`] ? [] : sensors(numbers(told));
}

function readFans(replies: Replies): Fan[] {
  const listed = list(replies, 'fans', 'FANS').map((fan, index) => ({
    slot: num(fan['ID']) ?? index,
    rpm: num(fan['RPM']),
    percent: num(fan['Speed']),
  }));
  return listed.length > 0 ? listed : chainFans(stats(replies));
}

/** Watts of the profile the machine runs at. */
function profileWatts(replies: Replies): number | null {
  const name = text(config(replies)['Profile']);
  const profile = list(replies, 'profiles', 'PROFILES').find(
    (one) => name !== null && text(one['Profile Name']) === name,
  );
  return positive(profile?.['Watts']);
}

function nominalThs(replies: Replies): number | undefined {
  const nominal = list(replies, 'devs', 'DEVS')
    .map((device) => rate(device['Nominal MHS'], 'MH/s'))
    .filter((ths) => ths !== null);
  return nominal.length > 0 ? nominal.reduce((sum, ths) => sum + ths, 0) : undefined;
}

function readErrors(replies: Replies): MinerError[] {
  return list(replies, 'events', 'EVENTS').flatMap((event) => {
    const code = text(event['Code']);
    if (code === null) return [];
    const description = text(event['Description']);
    const isBoard = /board/i.test(text(event['Target']) ?? '');
    const where = isBoard && num(event['ID']) !== null ? `Board ${num(event['ID'])}: ` : '';
    return [
      {
        code,
        text: description === null ? null : where + description,
        severity: 'warning' as const,
      },
    ];
  });
}

const windows: readonly [key: string, window: string][] = [
  ['GHS 5s', '5s'],
  ['GHS 1m', '1m'],
];

export const luxos: Family = {
  id: 'luxos',
  make: 'AntMiner',
  product: 'LuxOS',
  recognise: { cgminer: [/LUXMINER/], page: /Luxor Firmware/i },
  model: modelOf,
  plans: new Map<number, readonly Step[]>([
    [
      4028,
      [
        {
          ask: ['summary', 'stats', 'devs', 'temps', 'fans', 'power', 'pools', 'config'].map(rpc),
          join: true,
          every: 'poll',
        },
        // Sizes of the profiles and what happened: each as long as all the rest.
        { ask: [rpc('profiles'), rpc('events')], join: true, every: 'poll' },
        { ask: [rpc('version')], every: 'hour' },
      ],
    ],
  ]),
  capabilities: [
    identity({
      modelRaw,
      mac: (replies) => config(replies)['MACAddr'],
      serial: (replies) => config(replies)['SerialNumber'],
      hostname: (replies) => config(replies)['Hostname'],
      firmwareVersion,
      apiVersion: at('version', 'VERSION', 'API'),
      controlBoard: (replies) => config(replies)['ControlBoardType'],
      algorithm: (replies) => {
        const raw = text(modelRaw(replies));
        return raw === null ? null : algorithmOf(modelOf(raw));
      },
    }),
    hashrate({
      now: [
        ...windows.map(([key, window]) => ({
          from: (replies: Replies) => summary(replies)[key],
          unit: 'GH/s' as const,
          window,
        })),
        { from: (replies) => stats(replies)['GHS 5s'], unit: 'GH/s', window: '5s' },
      ],
      average: [
        { from: (replies) => summary(replies)['GHS av'], unit: 'GH/s' },
        { from: (replies) => stats(replies)['GHS av'], unit: 'GH/s' },
      ],
      expected: [
        { from: nominalThs, unit: 'TH/s' },
        { from: (replies) => stats(replies)['total_rateideal'], unit: 'GH/s' },
        { from: (replies) => config(replies)['NameplateTHS'], unit: 'TH/s' },
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
        'hwErrors',
        'serial',
      ],
      readBoards,
    ),
    fans(['slot', 'rpm', 'percent'], readFans),
    pools({ from: (replies) => row(replies.get('pools'))['POOLS'] }),
    shares(summary),
    power(['watts', 'source', 'limitW', 'mode'], (replies) => {
      const watts = positive(powerRow(replies)['Watts']);
      const isMeasured = powerRow(replies)['PSU'] === true;
      return {
        watts,
        source: watts === null ? null : isMeasured ? 'psu' : 'estimate',
        limitW: profileWatts(replies),
        mode: text(config(replies)['Profile']),
      };
    }),
    state(['mining', 'text', 'uptimeS'], (replies, reading) => {
      const sleeping = /sleep/i.test(text(config(replies)['CurtailMode']) ?? '');
      const { nowThs } = reading.hashrate;
      return {
        mining: sleeping ? false : nowThs === null ? null : nowThs > 0,
        text: sleeping ? 'sleeping' : text(config(replies)['SystemStatus']),
        uptimeS: num(summary(replies)['Elapsed'] ?? stats(replies)['Elapsed']),
      };
    }),
    errors(readErrors),
  ],
};

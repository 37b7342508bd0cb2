import { macWithColons, quoted } from '../c-format.ts';
import type { Fields } from '../c-format.ts';
import type { RpcDialect } from '../cgminer-protocol.ts';
import type { Device } from '../device.ts';
import type { MinerState } from '../miner-state.ts';
import type { Dialect } from '../models.ts';
import { jsonLogin } from '../web.ts';
import type { Session, Web } from '../web.ts';
import { found, makeFork, MHS, poolFields } from './cgminer-fork.ts';

const DESCRIPTION = 'GCMiner-2024-06.11-d37c5dd4';
const RELEASE = '2024-06.11';

/** Go prints its numbers in full. */
const rate = (ths: number): number => ths * MHS;

/** What it is tuned to, TH/s. */
const target = (device: Device): number => Number(device.ratedThs.toFixed(3));

const summary = (device: Device, state: MinerState): Fields => ({
  Accepted: state.accepted,
  'Difficulty Accepted': state.accepted * device.shareDifficulty,
  'Difficulty Rejected': state.rejected * device.shareDifficulty,
  Elapsed: state.uptimeS,
  'Hardware Errors': state.hwErrors,
  'Last getwork': state.timeS,
  'MHS 15m': rate(state.rateThs[900]),
  'MHS 1m': rate(state.rateThs[60]),
  'MHS 5m': rate(state.rateThs[300]),
  'MHS 5s': rate(state.rateThs[5]),
  'MHS av': rate(state.averageThs),
  Rejected: state.rejected,
  ThsThrottle: target(device),
  'Total MH': rate(state.averageThs) * state.uptimeS,
  Wattage: state.powerW,
});

export const auradineDialects: Partial<Record<Dialect, RpcDialect>> = {
  auradine: makeFork({
    description: DESCRIPTION,
    kind: 'ASC',
    rows: {
      version: () => [{ API: '"1.0"', GCMiner: '"0.5"' }],
      summary: (device, state) => [summary(device, state)],
      devs: (_device, state) =>
        found(state).map((board) => ({
          DEV: board.index + 1,
          Enabled: true,
          ID: board.index + 1,
          'MHS 5s': rate(state.rateThs[5] * board.share),
          Name: '"ASICBoard"',
          Status: board.chipsGood > 0 ? '"Alive"' : '"Dead"',
          Temperature: board.boardTempsC[1],
        })),
      devdetails: (device, state) =>
        found(state).map((board) => ({
          DEVDETAILS: board.index,
          Driver: '"auradine"',
          ID: board.index + 1,
          Kernel: '"v1.0"',
          Model: quoted(device.model.type),
          Name: '"ASICBoard"',
        })),
      asccount: (_device, state) => [
        {
          AsicCount: found(state).reduce((sum, { chips }) => sum + chips, 0),
          BoardCount: found(state).length,
        },
      ],
      pools: (device, state) =>
        state.pools.map((pool) => {
          const row = poolFields(device, state, pool);
          const kept = [
            'Accepted',
            'POOL',
            'Priority',
            'Quota',
            'Rejected',
            'Status',
            'Stratum Active',
          ];
          return {
            ...Object.fromEntries(kept.map((key) => [key, row[key] ?? 0])),
            URL: quoted(pool.url),
            User: quoted(pool.user),
          };
        }),
    },
  }),
};

const SESSION: Session = {
  user: 'admin',
  password: 'admin',
  credentials: jsonLogin('/token', 'user', 'password'),
  granted: (token) => ({
    body: `{"STATUS":[{"STATUS":"S","Msg":"Token"}],"Token":[{"Token":"${token}"}],"id":1}`,
  }),
  refused: { body: '{"STATUS":[{"STATUS":"E","Msg":"Invalid credentials"}],"id":1}', status: 401 },
  wanted: { body: '{"STATUS":[{"STATUS":"E","Msg":"Invalid token"}],"id":1}', status: 401 },
  token: ({ headers }) => String(headers['token'] ?? ''),
  isOpen: () => false,
};

const api: Web = {
  contentType: 'application/json',
  port: 8080,
  session: SESSION,
  pages: (device, state, path) => {
    const [name, section] = sectionOf(device, state, path) ?? [];
    if (name === undefined) return null;
    return JSON.stringify({
      STATUS: [{ STATUS: 'S', When: state.timeS, Code: 510, Msg: name, Description: DESCRIPTION }],
      [name]: section,
      id: 1,
    });
  },
};

/** The application on 80; all it knows it asks of 8080. */
const ui: Web = {
  contentType: 'text/html',
  pages: (_device, _state, path) =>
    path === '/'
      ? '<!doctype html><html lang="en"><head><title>Miner UI</title></head><body><div id="root"></div></body></html>\n'
      : null,
};

export const auradineWebs: readonly Web[] = [ui, api];

function sectionOf(
  device: Device,
  state: MinerState,
  path: string,
): [name: string, rows: unknown[]] | null {
  switch (path) {
    case '/summary':
      return ['SUMMARY', [summary(device, state)]];
    case '/ipreport':
      return [
        'IPReport',
        [
          {
            HBSerialNo: found(state).map(({ serial }) => serial),
            InternalType: 'T0',
            SerialNo: device.serial,
            command: 'ipreport',
            hostname: device.hostname,
            ip: state.address,
            mac: macWithColons(device.mac).toLowerCase(),
            model: device.model.type,
            version: RELEASE,
          },
        ],
      ];
    case '/fan':
      return [
        'Fan',
        state.fansRpm.map((Speed, fan) => ({
          ID: fan + 1,
          Max: device.model.fanMaxRpm,
          Speed,
          Target: Math.round(Speed / 100) * 100,
        })),
      ];
    case '/psu':
      return [
        'PSU',
        [
          {
            FanSpeed1: '4052.00 RPM',
            FanSpeed2: '4144.00 RPM',
            PowerIn: `${state.powerW.toFixed(2)}W`,
            Vin: '232.00V',
            Vout: `${device.model.voltageV.toFixed(2)}V`,
          },
        ],
      ];
    case '/mode':
      return [
        'Mode',
        [
          {
            Mode: 'normal',
            Power: 0,
            Sleep: state.activity === 'sleeping' ? 'on' : 'off',
            Ths: target(device),
          },
        ],
      ];
    case '/led':
      return [
        'LED',
        [
          state.activity === 'overheated'
            ? { Code: 4, LED1: 2, LED2: 2, Msg: 'Temperature' }
            : { Code: 2, LED1: 1, LED2: 1, Msg: 'Normal' },
        ],
      ];
    case '/temperature':
      return ['Temperature', temperatures(state)];
    default:
      return null;
  }
}

const sensors = (values: readonly number[]) =>
  values.map((Temperature, ID) => ({ ID, Temperature }));

/** Number 0 is the control board, in the air before the others. */
function temperatures(state: MinerState) {
  return [
    { ID: 0, Name: 'Control Board', BoardTemp: sensors([state.ambientC]), ChipTemp: null },
    ...found(state).map((board) => ({
      ID: board.index + 1,
      Name: `Hash Board ${board.index + 1}`,
      BoardTemp: sensors(board.boardTempsC),
      ChipTemp: sensors(board.chipTempsC),
    })),
  ];
}

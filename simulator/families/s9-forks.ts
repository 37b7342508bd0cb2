import { f2, macWithColons } from '../c-format.ts';
import type { RpcCommand, RpcDialect } from '../cgminer-protocol.ts';
import type { Device } from '../device.ts';
import type { MinerState } from '../miner-state.ts';
import type { Dialect } from '../models.ts';
import type { Page } from '../web.ts';
import { antminerDialects, antminerPage } from './antminer-stock.ts';

/** What a firmware that grew from the S9's bmminer says otherwise. */
interface Fork {
  bmminer: string;
  description: string;
  compileTime: string;
  /** Power of the boards, and how the firmware writes their sum; null = it tells none. */
  totalPower: ((watts: string) => string) | null;
}

const FORKS: Partial<Record<Dialect, Fork>> = {
  hiveon: {
    bmminer: '2.0.0 rwglr',
    description: 'bmminer 1.0.0',
    compileTime: 'Tue Mar 17 08:12:30 UTC 2020',
    totalPower: (watts) => `"${watts} (AB)"`,
  },
  mskminer: {
    bmminer: '2.0.0 rwglr',
    description: 'bmminer 1.0.0',
    compileTime: 'Wed Feb 12 09:56:24 PST 2020',
    totalPower: (watts) => watts,
  },
  asicseer: {
    bmminer: '2.4.0-asicseer-1.2.0-c0de',
    description: 'bmminer 2.4.0-asicseer-1.2.0-c0de',
    compileTime: 'Mon Jan 13 17:07:20 CST 2020',
    totalPower: null,
  },
};

const asS9 = (device: Device): Device => ({
  ...device,
  model: { ...device.model, dialect: 'antminer-s9' },
});

function makeFork(fork: Fork): RpcDialect {
  const stock = antminerDialects['antminer-s9']!;
  const voiced =
    (command: RpcCommand): RpcCommand =>
    (device, state, request) =>
      command(asS9(device), state, request)
        .replace('"BMMiner":"2.0.0"', `"BMMiner":"${fork.bmminer}"`)
        .replace('"Description":"bmminer 1.0.0"', `"Description":"${fork.description}"`)
        .replace(/"CompileTime":"[^"]*"/, `"CompileTime":"${fork.compileTime}"`);
  const commands = Object.fromEntries(
    Object.entries(stock.commands).map(([name, command]) => [name, voiced(command)]),
  );
  return {
    ...stock,
    description: fork.description,
    commands: {
      ...commands,
      stats: (device, state, request) =>
        commands['stats']!(device, state, request).replace(
          /\}\],"id":1\}$/,
          `${powerFields(fork, state)}}],"id":1}`,
        ),
    },
  };
}

/** `chain_power1` to `chain_power16`, their sum at the end. */
function powerFields(fork: Fork, state: MinerState): string {
  if (fork.totalPower === null) return '';
  const chains = Array.from({ length: 16 }, (_, index) => {
    const share = state.boards[index + 1 - 6]?.share ?? 0;
    return `"chain_power${index + 1}":${f2(state.powerW * share)}`;
  });
  return `,${chains.join(',')},"chain_power":${fork.totalPower(f2(state.powerW))}`;
}

export const forkDialects: Partial<Record<Dialect, RpcDialect>> = Object.fromEntries(
  Object.entries(FORKS).map(([name, fork]) => [name, makeFork(fork)]),
);

export function forkPage(device: Device, state: MinerState, path: string): string | null {
  return antminerPage(asS9(device), state, path);
}

/** MSKMiner has a web server of its own, whose reads are POSTs. */
export function mskminerPost(
  device: Device,
  _state: MinerState,
  path: string,
): string | Page | null {
  if (path === '/admin/login') {
    return { body: '{"result":"ok"}', headers: { 'Set-Cookie': 'session=0c0ffee0; path=/' } };
  }
  if (path !== '/api/info_v1') return null;
  return JSON.stringify({ network_info: { result: { macaddr: macWithColons(device.mac) } } });
}

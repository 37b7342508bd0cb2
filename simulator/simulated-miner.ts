import type { Server, Socket } from 'node:net';
import { answer } from './cgminer-protocol.ts';
import { DEFECTS } from './defects.ts';
import type { DefectName } from './defects.ts';
import type { Device } from './device.ts';
import {
  rpcPorts,
  rpcDialect,
  speaksGrpc,
  speaksLines,
  speaksV3,
  websOf,
} from './families/index.ts';
import { answerGrpc } from './families/braiins-grpc.ts';
import { answerLine } from './families/iceriver.ts';
import { answerV3 } from './families/whatsminer-v3.ts';
import type { makeGrpcServer } from './grpc-server.ts';
import { stateAt } from './miner-state.ts';
import type { MinerState } from './miner-state.ts';
import { hex, unit } from './random.ts';
import { listen, quieten, serialHandler } from './socket-server.ts';
import { latencyMs } from './transport.ts';
import type { Transport } from './transport.ts';
import type { Page, Web } from './web.ts';
import type { makeWebServer, WebHost } from './web-server.ts';

const V3_PORT = 4433;
const LINES_PORT = 4111;
const GRPC_PORT = 50_051;
const MAX_LINE = 64 << 10;
const SESSION_MS = 1_800_000;

/** How one device behaves beyond what its firmware says. */
export interface Behaviour {
  transport: Transport;
  defect: DefectName | null;
  /** Share of the replies that show the defect, 0 to 1. */
  defectShare: number;
}

/** What a device's servers need of the farm. */
export interface FarmServices {
  clock: () => Date;
  realLatency: boolean;
  /** Port of the web interfaces; null = they are left out. */
  httpPort: number | null;
  web: ReturnType<typeof makeWebServer>;
  grpc: ReturnType<typeof makeGrpcServer>;
  /** Sockets the farm must close. */
  track: (socket: Socket) => void;
  onWrite: (address: string, request: string) => void;
}

const MAX_V3_REQUEST = 4 << 20;

/** The listening side of one device: its replies, and its ports. */
export function makeSimulatedMiner(device: Device, behaviour: Behaviour, farm: FarmServices) {
  const dialect = rpcDialect(device.model);
  const servers: Server[] = [];
  let replies = 0;
  let cached: MinerState | null = null;

  /** The state of this second: every command of a conversation sees the same. */
  function state(): MinerState {
    const now = farm.clock();
    if (cached === null || cached.timeS !== Math.floor(now.getTime() / 1000)) {
      cached = stateAt(device, now);
    }
    return cached;
  }

  function spoil(text: string, command: string): string {
    if (behaviour.defect === null) return text;
    replies += 1;
    if (behaviour.defectShare < 1 && unit(device.seed, replies) >= behaviour.defectShare) {
      return text;
    }
    return DEFECTS[behaviour.defect].spoil(text, command);
  }

  function think(factor: number): number {
    if (!farm.realLatency) return 0;
    replies += 1;
    return latencyMs(device.model.family, device.seed, replies, factor);
  }

  const terminator = { nul: '\0', none: '', 'two-nuls': '\0\0' }[behaviour.transport.terminator];
  const onRpc = serialHandler({
    transport: behaviour.transport,
    thinkMs: () => think(1),
    answer(received) {
      const request = received.toString('utf8');
      if (dialect === null) return Buffer.alloc(0);
      const { reply, denied } = answer(dialect, device, state(), request);
      if (denied !== null) farm.onWrite(state().address, request);
      return Buffer.from(spoil(reply, commandIn(request)) + terminator);
    },
  });

  function onV3(socket: Socket): void {
    quieten(socket);
    let pending = Buffer.alloc(0);
    socket.on('data', (chunk) => {
      pending = Buffer.concat([pending, chunk]);
      while (pending.length >= 4) {
        const length = pending.readUInt32LE(0);
        if (length > MAX_V3_REQUEST) {
          socket.destroy();
          return;
        }
        if (pending.length < 4 + length) return;
        const request = pending.toString('utf8', 4, 4 + length);
        pending = pending.subarray(4 + length);
        const { reply, denied } = answerV3(device, state(), request);
        if (denied !== null) farm.onWrite(state().address, request);
        sendFramed(socket, Buffer.from(reply), think(1));
      }
    });
    socket.resume();
  }

  /** A token is good for this half-hour and the next; the device keeps no list of them. */
  const token = (halfHour: number): string => hex(device.seed, 0x5e55 + halfHour, 32).toLowerCase();
  const halfHour = (): number => Math.floor(farm.clock().getTime() / SESSION_MS);

  const session = {
    hasSession: (said: string) => said === token(halfHour()) || said === token(halfHour() - 1),
    openSession: () => token(halfHour()),
  };

  function onGrpc(socket: Socket): void {
    quieten(socket);
    farm.grpc.adopt(socket, {
      ...session,
      call: (path) => answerGrpc(device, state(), path),
      onWrite: (path) => farm.onWrite(state().address, path),
    });
    socket.resume();
  }

  function shown(page: string | Page | null, path: string): string | Page | null {
    if (page === null) return null;
    return typeof page === 'string' ? spoil(page, path) : { ...page, body: spoil(page.body, path) };
  }

  const tracked =
    (handler: (socket: Socket) => void) =>
    (socket: Socket): void => {
      farm.track(socket);
      handler(socket);
    };

  function webHost(web: Web): WebHost {
    return {
      web,
      page: (path, query) => shown(web.pages(device, state(), path, query), path),
      post: (path, body) => web.posts?.(device, state(), path, body) ?? null,
      ...session,
      nowS: () => Math.floor(farm.clock().getTime() / 1000),
      // A CGI page forks a process on a slow CPU.
      thinkMs: () => think(5),
      onWrite: (request) => farm.onWrite(state().address, request),
    };
  }

  /** Lines of JSON, each answered with a line; the connection stays. */
  function onLines(socket: Socket): void {
    quieten(socket);
    let pending = '';
    socket.setEncoding('utf8');
    socket.on('data', (chunk) => {
      const lines = (pending + String(chunk)).split('\n');
      pending = lines.pop() ?? '';
      if (pending.length > MAX_LINE) {
        socket.destroy();
        return;
      }
      for (const line of lines) {
        const { reply, denied } = answerLine(device, state(), line);
        if (denied !== null) farm.onWrite(state().address, line);
        if (!socket.destroyed) socket.write(`${reply}\n`);
      }
    });
    socket.resume();
  }

  return {
    state,
    /** Listens on all ports of the device at this address. */
    async open(address: string): Promise<void> {
      for (const port of rpcPorts(device.model)) {
        servers.push(await listen(address, port, tracked(onRpc)));
      }
      if (speaksV3(device.model)) servers.push(await listen(address, V3_PORT, tracked(onV3)));
      if (speaksLines(device.model)) {
        servers.push(await listen(address, LINES_PORT, tracked(onLines)));
      }
      if (speaksGrpc(device.model)) servers.push(await listen(address, GRPC_PORT, tracked(onGrpc)));
      for (const web of websOf(device.model)) {
        const port = web.port ?? farm.httpPort;
        if (port === null) continue;
        const host = webHost(web);
        const onWeb = tracked((socket) => {
          quieten(socket);
          farm.web.adopt(socket, host);
          socket.resume();
        });
        servers.push(await listen(address, port, onWeb));
      }
    },
    /** Stops listening; open connections are the farm's to end. */
    close(): void {
      for (const server of servers.splice(0)) server.close();
    },
  };
}

export type SimulatedMiner = ReturnType<typeof makeSimulatedMiner>;

/** The command of a JSON or text request, for defects that hit one command only. */
function commandIn(request: string): string {
  return /"c(?:omman|m)d"\s*:\s*"([^"]*)"/.exec(request)?.[1] ?? request.split('|')[0] ?? '';
}

/** API 3's framing: the length in four little-endian bytes, then the JSON. */
function sendFramed(socket: Socket, body: Buffer, delayMs: number): void {
  const header = Buffer.alloc(4);
  header.writeUInt32LE(body.length);
  const write = (): void => {
    if (!socket.destroyed) socket.write(Buffer.concat([header, body]));
  };
  if (delayMs > 0) setTimeout(write, delayMs).unref();
  else write();
}

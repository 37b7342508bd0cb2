import { quoted } from './c-format.ts';
import type { Device } from './device.ts';
import type { MinerState } from './miner-state.ts';

/** What a request asks for, once its form was understood. */
export interface RpcRequest {
  command: string;
  parameter: string | null;
  /** `"new_api": true` at the top level: the modern Antminer's other dialect. */
  newApi: boolean;
}

/** One whole reply as JSON text, without the terminator. */
export type RpcCommand = (device: Device, state: MinerState, request: RpcRequest) => string;

/** How one firmware answers on port 4028. */
export interface RpcDialect {
  /** `Description` of every status. */
  description: string;
  commands: Readonly<Record<string, RpcCommand>>;
  /** Commands that exist and are denied to a reader (code 45). */
  privileged: ReadonlySet<string>;
  /** Whether `a+b` is understood. */
  joins: boolean;
  /** Whether `{"cmd": …}` is understood as well as `{"command": …}`. */
  acceptsCmd: boolean;
  /** Form of an error; cgminer's own when absent. */
  error?: (whenS: number, code: number, message: string) => string;
  /** Seconds in `When`; some boards count them from power-on instead of from 1970. */
  whenS?: (state: MinerState) => number;
}

export const CODE = {
  pools: 7,
  devs: 9,
  summary: 11,
  invalidCommand: 14,
  version: 22,
  invalidJson: 23,
  missingCommand: 24,
  accessDenied: 45,
  devdetails: 69,
  stats: 70,
} as const;

/** Denied on some machines, though they change nothing. */
const READS: ReadonlySet<string> = new Set(['config', 'devdetails']);

function whenOf(dialect: RpcDialect, state: MinerState): number {
  return dialect.whenS?.(state) ?? state.timeS;
}

/** cgminer's envelope: STATUS in an array, the payload under its own name, `id` last. */
export function envelope(
  status: { whenS: number; code: number; message: string; description: string },
  section: string,
  rows: readonly string[],
  /** bmminer up to 4.9 forgets the comma between the objects of STATS. */
  separator = ',',
): string {
  return `{"STATUS":[{"STATUS":"S","When":${status.whenS},"Code":${status.code},"Msg":${quoted(
    status.message,
  )},"Description":${quoted(status.description)}}],"${section}":[${rows.join(separator)}],"id":1}`;
}

/** Answers the bytes of one read from the socket, as cgminer does: they are the whole request. */
export function answer(
  dialect: RpcDialect,
  device: Device,
  state: MinerState,
  received: string,
): { reply: string; denied: string | null } {
  const whenS = whenOf(dialect, state);
  const fail = (code: number, message: string): string =>
    dialect.error?.(whenS, code, message) ??
    `{"STATUS":[{"STATUS":"E","When":${whenS},"Code":${code},"Msg":${quoted(
      message,
    )},"Description":${quoted(dialect.description)}}],"id":1}`;

  if (!received.startsWith('{')) {
    const [command = '', parameter = null] = received.trim().split('|');
    const text = single({ command, parameter, newApi: false });
    return { reply: toTextMode(text.reply), denied: text.denied };
  }
  const request = parseRequest(received, dialect.acceptsCmd);
  if (request === 'invalid') return plain(fail(CODE.invalidJson, 'Invalid JSON'));
  if (request === 'missing') return plain(fail(CODE.missingCommand, "Missing JSON 'command'"));
  if (!request.command.includes('+')) return single(request);
  if (!dialect.joins) return plain(fail(CODE.invalidCommand, 'Invalid command'));

  // The order of a joined reply is that of the firmware's table, not that of the request.
  let joined = '{';
  let refused: string | null = null;
  for (const command of request.command.split('+').toReversed()) {
    const { reply, denied } = single({ ...request, command });
    joined += `${quoted(command)}:[${reply}],`;
    refused ??= denied;
  }
  return { reply: `${joined}"id":1}`, denied: refused };

  function single(one: RpcRequest): { reply: string; denied: string | null } {
    const handler = Object.hasOwn(dialect.commands, one.command)
      ? dialect.commands[one.command]
      : undefined;
    if (handler !== undefined) return plain(handler(device, state, one));
    if (dialect.privileged.has(one.command)) {
      return {
        reply: fail(CODE.accessDenied, `Access denied to '${one.command}' command`),
        denied: READS.has(one.command) ? null : one.command,
      };
    }
    return plain(fail(CODE.invalidCommand, 'Invalid command'));
  }
}

function plain(reply: string): { reply: string; denied: null } {
  return { reply, denied: null };
}

function parseRequest(received: string, acceptsCmd: boolean): RpcRequest | 'invalid' | 'missing' {
  let value: unknown;
  try {
    value = JSON.parse(received.replace(/\0+$/, ''));
  } catch {
    return 'invalid';
  }
  if (typeof value !== 'object' || value === null) return 'invalid';
  const fields = value as Record<string, unknown>;
  const command = fields['command'] ?? (acceptsCmd ? fields['cmd'] : undefined);
  if (typeof command !== 'string') return 'missing';
  const parameter = fields['parameter'] ?? fields['param'];
  return {
    command,
    parameter:
      typeof parameter === 'string' || typeof parameter === 'number' ? String(parameter) : null,
    newApi: fields['new_api'] === true,
  };
}

/** The same reply as text mode prints it: `STATUS=S,When=…|SUMMARY,Elapsed=…|`. */
function toTextMode(json: string): string {
  let text = '';
  let section = '';
  let depth = 0;
  let firstField = true;
  for (const token of json.match(/"(?:[^"\\]|\\.)*"\s*:?|[{}[\],]|[^{}[\],"]+/g) ?? []) {
    if (token === '{') {
      depth += 1;
      if (depth === 2) {
        // cgminer prints the name of a section before its fields, but STATUS is its own first field.
        text += section === 'STATUS' ? '' : section;
        firstField = section === 'STATUS';
      }
    } else if (token === '}') {
      if (depth === 2) text += '|';
      depth -= 1;
    } else if (depth === 1 && token.endsWith(':')) {
      section = token.slice(1, token.lastIndexOf('"'));
    } else if (depth === 2 && token.endsWith(':')) {
      text += `${firstField ? '' : ','}${token.slice(1, token.lastIndexOf('"'))}=`;
      firstField = false;
    } else if (depth === 2 && token !== ',') {
      text += token.startsWith('"') ? token.slice(1, token.lastIndexOf('"')) : token;
    }
  }
  return text;
}

/** The start of bmminer's and cgminer's SUMMARY is each firmware's own; its tail is common to them. */
export function shareFields(device: Device, state: MinerState): string {
  const difficulty = device.shareDifficulty;
  return `"Difficulty Accepted":${(state.accepted * difficulty).toFixed(8)},"Difficulty Rejected":${(
    state.rejected * difficulty
  ).toFixed(8)},"Difficulty Stale":${(state.stale * difficulty).toFixed(8)}`;
}

/** Percentage with four digits, nought of nothing. */
export function percent4(part: number, whole: number): string {
  return whole === 0 ? '0.0000' : ((part / whole) * 100).toFixed(4);
}

/** Shares a minute since the start. */
export function utility(state: MinerState): string {
  return state.uptimeS === 0 ? '0.00' : ((state.accepted * 60) / state.uptimeS).toFixed(2);
}

/** `host` of a stratum address, as `Stratum URL` shows it. */
export function hostOf(url: string): string {
  return url.replace(/^stratum\+tcp:\/\//, '').replace(/:\d+$/, '');
}

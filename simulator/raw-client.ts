import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** What a raw conversation heard: the bytes until the end, and how it ended. */
export interface Heard {
  bytes: Buffer;
  ended: 'close' | 'reset' | 'silence';
}

/** Sends the parts as separate segments and listens until the peer closes, or for `patienceMs` of silence. */
export async function converse(
  host: string,
  port: number,
  parts: readonly (string | Buffer)[],
  patienceMs = 2000,
): Promise<Heard> {
  const socket = await open(host, port);
  const chunks: Buffer[] = [];
  const ended = new Promise<Heard['ended']>((resolve) => {
    socket.on('data', (chunk) => chunks.push(chunk));
    socket.on('error', () => resolve('reset'));
    socket.on('close', () => resolve('close'));
    socket.setTimeout(patienceMs, () => resolve('silence'));
  });
  for (const [index, part] of parts.entries()) {
    if (index > 0) await sleep(20);
    socket.write(part);
  }
  const end = await ended;
  socket.destroy();
  return { bytes: Buffer.concat(chunks), ended: end };
}

/** Rejects with the system's error when nobody listens. */
export function open(host: string, port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, noDelay: true });
    socket.once('error', reject);
    socket.once('connect', () => {
      socket.off('error', reject);
      resolve(socket);
    });
  });
}

/** The text of a reply on port 4028, without its terminator. */
export async function ask(host: string, command: string): Promise<string> {
  const { bytes } = await converse(host, 4028, [JSON.stringify({ command })]);
  return bytes.toString('utf8').replace(/\0+$/, '');
}

/** The reply parsed strictly. */
export async function askJson(host: string, command: string): Promise<Reply> {
  return JSON.parse(await ask(host, command)) as Reply;
}

/** Sections by name, rows of fields. */
export type Row = Record<string, string | number | boolean>;
export type Reply = Record<string, Row[]>;

/** The first row of a section. */
export function firstRow(reply: Reply, section: string): Row {
  const row = reply[section]?.[0];
  if (row === undefined) throw new Error(`the reply has no ${section}`);
  return row;
}

/** Asks API 3; header and body may be sent apart. */
export async function askV3(host: string, request: object, apart = false): Promise<unknown> {
  const body = Buffer.from(JSON.stringify(request));
  const header = Buffer.alloc(4);
  header.writeUInt32LE(body.length);
  const socket = await open(host, 4433);
  socket.on('error', () => {});
  const replies = new Promise<Buffer>((resolve) => {
    let heard = Buffer.alloc(0);
    socket.on('data', (chunk) => {
      heard = Buffer.concat([heard, chunk]);
      if (heard.length >= 4 && heard.length >= 4 + heard.readUInt32LE(0)) resolve(heard);
    });
    socket.on('close', () => resolve(heard));
  });
  if (apart) {
    socket.write(header);
    await sleep(20);
    socket.write(body);
  } else {
    socket.write(Buffer.concat([header, body]));
  }
  const heard = await replies;
  socket.destroy();
  return JSON.parse(heard.toString('utf8', 4, 4 + heard.readUInt32LE(0)));
}

let taken = 0;

/** A range of 14 (or 30) addresses that no other test process and no earlier farm of this one uses. */
export function freshRange(size: 16 | 32 = 16): string {
  const first = Math.ceil(taken / size) * size;
  taken = first + size;
  return `127.${64 + (process.pid & 127)}.${(process.pid >> 7) & 255}.${first % 256}/${size === 16 ? 28 : 27}`;
}

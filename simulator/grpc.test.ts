import { connect } from 'node:http2';
import type { ClientHttp2Session, IncomingHttpHeaders } from 'node:http2';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { MIXES, onlyFamilies } from './all-models.ts';
import { startFarm } from './farm.ts';
import type { Farm, FarmMiner } from './farm.ts';
import { double, message, text, uint } from './protobuf.ts';
import { freshRange, open } from './raw-client.ts';

const NOW = new Date('2026-11-22T09:41:07Z');
const SERVICE = '/braiins.bos.v1.';

let farm: Farm;
let miner: FarmMiner;
let session: ClientHttp2Session;
beforeAll(async () => {
  farm = await startFarm({
    range: freshRange(),
    miners: 1,
    seed: 6,
    models: onlyFamilies(['braiins']) ?? MIXES.usual,
    httpPort: 8085,
    clock: () => NOW,
  });
  miner = farm.miners[0]!;
  session = connect(`http://${miner.ip}:50051`);
});
afterAll(async () => {
  session.destroy();
  await farm.close();
});

interface Answer {
  headers: IncomingHttpHeaders;
  /** Of the trailers, or of the headers where nothing else came. */
  status: string | undefined;
  body: Buffer;
}

function call(path: string, authorization?: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const stream = session.request({
      ':method': 'POST',
      ':path': path,
      'content-type': 'application/grpc',
      ...(authorization === undefined ? {} : { authorization }),
    });
    const chunks: Buffer[] = [];
    let headers: IncomingHttpHeaders = {};
    let trailers: IncomingHttpHeaders = {};
    stream.on('response', (said) => (headers = said));
    stream.on('trailers', (said) => (trailers = said));
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    stream.on('error', reject);
    stream.on('end', () => {
      const said = trailers['grpc-status'] ?? headers['grpc-status'];
      resolve({ headers, status: String(said), body: Buffer.concat(chunks) });
    });
    // An empty message: no compression, no length.
    stream.end(Buffer.alloc(5));
  });
}

test('the wire format: numbers of seven bits, doubles, text, messages, no noughts', () => {
  expect(uint(1, 300).toString('hex')).toBe('08ac02');
  expect(uint(5, 2 ** 40).toString('hex')).toBe('28808080808020');
  expect(uint(1, 0)).toHaveLength(0);
  expect(double(2, 1.5).toString('hex')).toBe('11000000000000f83f');
  expect(message(3, text(1, 'ab')).toString('hex')).toBe('1a040a026162');
});

test('whoever logged in reads what is true', async () => {
  const { headers, status } = await call(`${SERVICE}AuthenticationService/Login`);
  expect(status).toBe('0');
  const { body } = await call(
    `${SERVICE}MinerService/GetHashboards`,
    String(headers['authorization']),
  );
  const truth = miner.at(NOW);
  expect(body.readUInt32BE(1)).toBe(body.length - 5);
  for (const board of truth.boards) {
    expect(body.includes(double(1, board.hashrateThs * 1e3))).toBe(true);
    expect(body.includes(double(1, board.chipTempC))).toBe(true);
    expect(body.includes(text(12, board.serial))).toBe(true);
  }
  const details = await call(
    `${SERVICE}MinerService/GetMinerDetails`,
    String(headers['authorization']),
  );
  expect(details.body.includes(uint(10, truth.uptimeS))).toBe(true);
});

test('nobody else does, and nobody writes', async () => {
  expect(await call(`${SERVICE}MinerService/GetHashboards`)).toMatchObject({
    status: '16',
    body: Buffer.alloc(0),
  });
  const { headers } = await call(`${SERVICE}AuthenticationService/Login`);
  const token = String(headers['authorization']);
  expect((await call(`${SERVICE}MinerService/GetSupportArchive`, token)).status).toBe('12');
  expect(farm.writes).toEqual([]);
  expect((await call(`${SERVICE}ActionsService/Reboot`, token)).status).toBe('7');
  expect(farm.writes).toEqual([{ ip: miner.ip, request: `${SERVICE}ActionsService/Reboot` }]);
});

test('a client that speaks something else hurts nobody', async () => {
  const rude = await open(miner.ip, 50_051);
  rude.write('GET / HTTP/1.1\r\n\r\n');
  await new Promise((resolve) => {
    rude.on('close', resolve).on('error', () => {});
    rude.resume();
  });
  expect((await call('/braiins.bos.ApiVersionService/GetApiVersion')).status).toBe('0');
});

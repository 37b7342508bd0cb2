import { readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { identify } from './identify.ts';
import { readMiner } from './read.ts';
import { cgminer, loopbackDevice } from './testing/loopback-device.ts';
import type { Ports } from './testing/loopback-device.ts';
import { frame } from './transports/whatsminer-v3-tcp.ts';

const recorded = z.object({ replies: z.record(z.string(), z.string()) });

function repliesOf(recording: string): Record<string, string> {
  const path = join(import.meta.dirname, 'families', recording);
  return recorded.parse(JSON.parse(readFileSync(path, 'utf8'))).replies;
}

const S19 = repliesOf('antminer-stock/recordings/classic-three-boards.json');
const A15 = repliesOf('avalon/recordings/a15.json');
const M30 = repliesOf('whatsminer/recordings/cgminer-envelope-four-boards.json');
const OLD = repliesOf('whatsminer/recordings/old-stats-only.json');
const GENERIC = repliesOf('generic-cgminer/recordings/plain-cgminer.json');
const TEXT = repliesOf('generic-cgminer/recordings/text-mode.json');
const V3 = repliesOf('whatsminer/recordings/api-v3.json');

describe('names the family', () => {
  it.each([
    ['antminer-stock', 'AntMiner', 'S19 Pro', S19],
    ['avalon', 'Avalon', '15-186', A15],
    ['whatsminer', 'Whatsminer', 'M30S++', M30],
    // Refuses `version`; `stats` gives it away.
    ['whatsminer', 'Whatsminer', null, OLD],
    ['generic-cgminer', null, 'Example X1', GENERIC],
  ])('%s', async (family, make, model, replies) => {
    await using device = await loopbackDevice({ 4028: cgminer(replies) });
    const result = await identify(device.host, [4028], device.context);
    expect(result).toMatchObject({
      kind: 'miner',
      miner: { family, port: 4028, identity: { make, model } },
    });
  });

  it('of one that speaks text only, and reads it so', async () => {
    const version =
      'STATUS=S,When=1,Code=22,Description=cgminer 4.2.1|VERSION,CGMiner=4.2.1,API=3.0|';
    const replies: Record<string, string> = { ...TEXT, version };
    await using device = await loopbackDevice({
      4028: {
        tcp: (socket) =>
          socket.once('data', (bytes) => socket.end(replies[bytes.toString()] ?? '')),
      },
    });
    const result = await identify(device.host, [4028], device.context);
    expect(result).toMatchObject({ kind: 'miner', miner: { family: 'generic-cgminer' } });
    const read = result.kind === 'miner' ? await readMiner(result.miner, device.context) : null;
    expect(read).toMatchObject({ reachable: true, reading: { hashrate: { nowThs: 0.50025 } } });
  });

  it('of one that answers API v3 only', async () => {
    await using device = await loopbackDevice({
      4433: {
        tcp: (socket) =>
          socket.once('data', (bytes) => {
            const { cmd, param } = z
              .object({ cmd: z.string(), param: z.string().optional() })
              .parse(JSON.parse(bytes.subarray(4).toString()));
            socket.end(frame(V3[param ? `${cmd} ${param}` : cmd] ?? '{"code":-2}'));
          }),
      },
    });
    expect(await identify(device.host, [4433], device.context)).toMatchObject({
      kind: 'miner',
      miner: { family: 'whatsminer', port: 4433, identity: { model: 'M60S' } },
    });
  });

  it('by the port that answers, where the other only refuses', async () => {
    await using device = await loopbackDevice({
      4028: cgminer({}),
      4433: {
        tcp: (socket) => socket.once('data', () => socket.end(frame(V3['get.device.info']!))),
      },
    });
    expect(await identify(device.host, [4028, 4433], device.context)).toMatchObject({
      kind: 'miner',
      miner: { family: 'whatsminer', port: 4433 },
    });
  });

  it('by the realm, where 4028 is shut and the password is not the default', async () => {
    await using device = await loopbackDevice({
      80: {
        http: (_request, response) => {
          const challenge = 'Digest realm="antMiner Configuration", nonce="1", qop="auth"';
          response.writeHead(401, { 'www-authenticate': challenge }).end();
        },
      },
    });
    const result = await identify(device.host, [80], device.context);
    expect(result).toMatchObject({ kind: 'miner', miner: { family: 'antminer-stock', port: 80 } });
    const read = result.kind === 'miner' ? await readMiner(result.miner, device.context) : null;
    expect(read).toMatchObject({ reachable: false, reason: 'auth' });
  });
});

describe('takes from the web what 4028 lacks', () => {
  it('MAC and host name of an Antminer, without a second 401', async () => {
    const requests: string[] = [];
    await using device = await loopbackDevice({
      4028: cgminer(S19),
      80: {
        http: (request, response) => {
          const { url = '', headers } = request;
          requests.push(`${url} ${headers.authorization ? 'authorised' : 'bare'}`);
          if (!headers.authorization) {
            const challenge = 'Digest realm="antMiner Configuration", nonce="1", qop="auth"';
            response.writeHead(401, { 'www-authenticate': challenge }).end();
            return;
          }
          response.writeHead(url in S19 ? 200 : 404).end(S19[url]);
        },
      },
    });
    expect(await identify(device.host, [4028, 80], device.context)).toMatchObject({
      kind: 'miner',
      miner: { port: 4028, identity: { mac: '021020304001', hostname: 'hall-1-rack-2' } },
    });
    expect(requests.filter((line) => line.endsWith('bare'))).toEqual(['/ bare']);
  });

  it('nothing, when the web server accepts and hangs', async () => {
    await using device = await loopbackDevice({
      4028: cgminer(A15),
      80: { http: () => undefined },
    });
    expect(await identify(device.host, [4028, 80], device.context)).toMatchObject({
      kind: 'miner',
      miner: { family: 'avalon' },
    });
  });
});

describe('finds the web server where it is', () => {
  const PAGES = repliesOf('proto/recordings/rig.json');
  const page = (request: IncomingMessage, response: ServerResponse) => {
    const reply = request.url === '/' ? '<title>Proto OS</title>' : PAGES[request.url ?? ''];
    response.writeHead(reply === undefined ? 404 : 200).end(reply);
  };

  it.each([
    ['on 8080 only', { 8080: { http: page } }, 8080],
    ['behind TLS only', { 443: { https: page } }, 443],
    ['behind TLS on the port of another protocol', { 4433: { https: page } }, 4433],
    [
      'behind TLS, as the page on 80 says',
      {
        80: {
          http: (_: unknown, response: ServerResponse) =>
            response.writeHead(307, { location: 'https://127.0.0.1/' }).end(),
        },
        443: { https: page },
      },
      443,
    ],
  ] as [string, Ports, number][])('%s, and reads it there', async (_name, ports, port) => {
    await using device = await loopbackDevice(ports);
    // A redirect names a port that no scan asks of a host with 80 open.
    const found = await identify(
      device.host,
      80 in ports ? [80] : device.openPorts,
      device.context,
    );
    expect(found).toMatchObject({ kind: 'miner', miner: { family: 'proto', port, web: port } });
    const miner = found.kind === 'miner' ? found.miner : null;
    // As after a restart: nothing is remembered but what the roster keeps.
    const read = await readMiner({ ...miner!, memory: new Map() }, device.context);
    expect(read).toMatchObject({ reachable: true, reading: { quality: { problems: [] } } });
    expect(read.reachable && read.reading.hashrate.nowThs).toBeGreaterThan(0);
  });

  it("shows the site's password to nobody who only looks like its miner", async () => {
    const shown: string[] = [];
    await using device = await loopbackDevice({
      80: {
        http: (request, response) => {
          request.on('data', (bytes: Buffer) => shown.push(bytes.toString()));
          request.on('end', () => {
            if (request.url === '/') response.end('<a href="/cgi-bin/luci">LuCI</a>');
            else response.writeHead(403).end();
          });
        },
      },
    });
    const credentials = { whatsminer: [{ user: 'farm', password: 'secret' }] };
    const found = await identify(device.host, [80], { ...device.context, credentials });
    expect(found.kind).toBe('unknown');
    expect(shown.join()).toContain('admin');
    expect(shown.join()).not.toContain('secret');
  });
});

describe('leaves unknown what it does not understand, with what was heard', () => {
  it('a router', async () => {
    await using device = await loopbackDevice({
      80: { http: (_request, response) => response.end('<title>Router</title>') },
    });
    const result = await identify(device.host, [80], device.context);
    expect(result).toMatchObject({ kind: 'unknown', openPorts: [80] });
    expect(JSON.stringify(result.exchanges)).toContain('Router');
  });

  it('a router with LuCI, as old Whatsminers have it', async () => {
    await using device = await loopbackDevice({
      80: {
        http: (request, response) => {
          if (request.method === 'POST') {
            response.writeHead(302, { 'set-cookie': 'sysauth=1; path=/' }).end();
          } else if (request.url === '/') response.end('<a href="/cgi-bin/luci">LuCI</a>');
          else response.end('<td>Model</td><td>TP-Link Archer</td>');
        },
      },
    });
    expect(await identify(device.host, [80], device.context)).toMatchObject({ kind: 'unknown' });
  });

  it('another protocol on the port', async () => {
    await using device = await loopbackDevice({
      4028: { tcp: (socket) => socket.end('SSH-2.0-dropbear\r\n') },
    });
    const result = await identify(device.host, [4028], device.context);
    expect(result.kind).toBe('unknown');
    expect(JSON.stringify(result.exchanges)).toContain('dropbear');
  });

  it('a device that is gone', async () => {
    await using device = await loopbackDevice({});
    expect(await identify(device.host, [4028, 80, 4433], device.context)).toMatchObject({
      kind: 'unknown',
    });
  });
});

it('throws on abort only', async () => {
  await using device = await loopbackDevice({ 4028: { tcp: () => device.stop() } });
  await expect(identify(device.host, [4028], device.context)).rejects.toThrow('stopped');
});

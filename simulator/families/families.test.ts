import { createHash } from 'node:crypto';
import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { POOL_PASSWORD } from '../device.ts';
import { startFarm } from '../farm.ts';
import type { Farm, FarmMiner } from '../farm.ts';
import { MODELS } from '../models.ts';
import { ask, askJson, askV3, converse, firstRow, freshRange } from '../raw-client.ts';
import type { Reply, Row } from '../raw-client.ts';
import type { MinerTruth } from '../truth.ts';

const NOW = new Date('2026-11-22T09:41:07Z');
const HTTP_PORT = 8080;

let farm: Farm;
beforeAll(async () => {
  farm = await startFarm({
    range: freshRange(),
    miners: MODELS.length,
    seed: 4,
    httpPort: HTTP_PORT,
    clock: () => NOW,
  });
});
afterAll(() => farm.close());

function miner(model: string | null): FarmMiner & { truth: MinerTruth } {
  const found = farm.miners.find((one) => one.model === model);
  if (found === undefined) throw new Error(`no ${model} in the farm`);
  return Object.assign(Object.create(found) as FarmMiner, { truth: found.at(NOW) });
}

const number = (row: Row, key: string): number => Number(row[key]);

describe('Antminer stock', () => {
  test('an S9 forgets the comma between the objects of STATS, and only there', async () => {
    const { ip } = miner('S9');
    const stats = await ask(ip, 'stats');
    expect(() => JSON.parse(stats) as unknown).toThrow(SyntaxError);
    expect(stats).toContain('"Type":"Antminer S9"}{"STATS":0,"ID":"BC50"');
    for (const command of ['version', 'summary', 'pools', 'devs']) {
      expect(await askJson(ip, command)).toHaveProperty('id', 1);
    }
  });

  test('an S9 has boards 6–8 and fans 5–6, a string under "GHS 5s", a number under "GHS av"', async () => {
    const { ip, truth } = miner('S9');
    const stats = JSON.parse((await ask(ip, 'stats')).replace('}{', '},{')) as Reply;
    const row = stats['STATS']?.[1] ?? {};
    expect(row['GHS 5s']).toBe((truth.hashrateThs * 1000).toFixed(2));
    expect(row['GHS av']).toBeCloseTo(truth.hashrateAvgThs * 1000, 1);
    expect([row['chain_acn5'], row['chain_acn6'], row['chain_acn8'], row['chain_acn9']]).toEqual([
      0, 63, 63, 0,
    ]);
    expect([row['fan4'], row['fan5'], row['fan6']]).toEqual([0, ...truth.fansRpm]);
    expect(row['chain_rate1']).toBe('');
  });

  test.each(['S17 Pro', 'S19', 'S19j Pro', 'S19 XP', 'S21'])(
    'summary, stats and pools of an %s agree with each other and with the truth',
    async (model) => {
      const { ip, truth } = miner(model);
      const summary = firstRow(await askJson(ip, 'summary'), 'SUMMARY');
      const row = (await askJson(ip, 'stats'))['STATS']?.[1] ?? {};
      const pools = (await askJson(ip, 'pools'))['POOLS'] ?? [];
      expect(number(summary, 'GHS 5s')).toBeCloseTo(truth.hashrateThs * 1000, 1);
      expect(number(row, 'GHS 5s')).toBe(number(summary, 'GHS 5s'));
      expect(row['Elapsed']).toBe(truth.uptimeS);
      const rates = [1, 2, 3].map((board) => number(row, `chain_rate${board}`));
      expect(rates.reduce((sum, rate) => sum + rate, 0)).toBeCloseTo(truth.hashrateThs * 1000, 0);
      expect(number(row, 'total_rateideal')).toBeCloseTo(truth.expectedThs * 1000, 1);
      expect([1, 2, 3, 4].map((fan) => row[`fan${fan}`])).toEqual(truth.fansRpm);
      expect(String(row['chain_acs1']).replaceAll(/[^o]/g, '')).toHaveLength(
        truth.boards[0]?.chipsGood ?? 0,
      );
      expect(pools.map((pool) => pool['Accepted'])).toEqual(
        truth.pools.map((pool) => pool.accepted),
      );
      expect(summary['Accepted']).toBe(truth.accepted);
    },
  );

  test('an S19 refuses joins, an S17 answers them in arrays', async () => {
    const refused = await askJson(miner('S19').ip, 'summary+stats');
    expect(firstRow(refused, 'STATUS')).toMatchObject({ STATUS: 'E', Code: 14 });
    const joined = await askJson(miner('S17 Pro').ip, 'summary+pools+nonsense');
    expect(Object.keys(joined)).toEqual(['nonsense', 'pools', 'summary', 'id']);
    expect(joined['summary']?.[0]).toHaveProperty('SUMMARY');
    expect(joined['nonsense']?.[0]).toMatchObject({ STATUS: [{ STATUS: 'E', Code: 14 }] });
  });

  test('the modern API is asked for at the top level only', async () => {
    const { ip, truth } = miner('S21');
    const send = async (asked: object): Promise<Record<string, unknown>> => {
      const { bytes } = await converse(ip, 4028, [JSON.stringify(asked)]);
      return JSON.parse(bytes.toString().replace(/\0$/, '')) as Record<string, unknown>;
    };
    const modern = await send({ command: 'stats', new_api: true });
    expect(modern).toMatchObject({
      STATUS: { STATUS: 'S', Msg: 'stats' },
      INFO: { type: 'Antminer S21' },
      STATS: [{ watt: truth.powerW, fan: truth.fansRpm, rate_unit: 'GH/s' }],
    });
    const nested = await send({ command: 'stats', parameter: { new_api: true } });
    expect(nested['STATUS']).toBeInstanceOf(Array);
  });

  test('the web interface wants digest authentication and tells MAC and serial', async () => {
    const { ip, mac, serial } = miner('S19');
    const path = '/cgi-bin/get_system_info.cgi';
    const refused = await get(ip, path);
    expect(refused.status).toBe(401);
    expect(refused.challenge).toContain('Digest realm="antMiner Configuration"');
    expect((await get(ip, path, digest(refused.challenge, path, 'wrong'))).status).toBe(401);
    const page = await get(ip, path, digest(refused.challenge, path, 'root'));
    expect(page.status).toBe(200);
    const info = JSON.parse(page.body) as Record<string, string>;
    expect(info['macaddr']?.replaceAll(':', '').toLowerCase()).toBe(mac);
    expect(info['serinum']).toBe(serial);
    expect(info['ipaddress']).toBe(ip);
  });

  test('stats.cgi says the same as stats', async () => {
    const { ip, truth } = miner('S19j Pro');
    const path = '/cgi-bin/stats.cgi';
    const { challenge } = await get(ip, path);
    const page = await get(ip, path, digest(challenge, path, 'root'));
    const [stats] = (JSON.parse(page.body) as { STATS: Record<string, unknown>[] }).STATS;
    expect(stats).toMatchObject({
      elapsed: truth.uptimeS,
      rate_5s: Number((truth.hashrateThs * 1000).toFixed(2)),
      fan: truth.fansRpm,
    });
    expect(stats).not.toHaveProperty('watt');
  });

  test('the configuration holds the pool password, for leaks to be found', async () => {
    const path = '/cgi-bin/get_miner_conf.cgi';
    const { ip } = miner('S9');
    const { challenge } = await get(ip, path);
    const { body } = await get(ip, path, digest(challenge, path, 'root'));
    expect(JSON.parse(body)).toMatchObject({ 'bitmain-work-mode': '0' });
    expect(body).toContain(POOL_PASSWORD);
  });
});

describe('Whatsminer', () => {
  test('v1 speaks as cgminer 4.9.2 and does not know `cmd`', async () => {
    const { ip, truth } = miner('M20S');
    const summary = await askJson(ip, 'summary');
    expect(firstRow(summary, 'STATUS')).toMatchObject({
      STATUS: 'S',
      Code: 11,
      Description: 'cgminer 4.9.2',
    });
    const row = firstRow(summary, 'SUMMARY');
    expect(number(row, 'HS RT') / 1e6).toBeCloseTo(truth.hashrateThs, 4);
    expect(row['Power']).toBe(truth.powerW);
    expect(row['Firmware Version']).toBe("'20210322.22.REL'");
    const { bytes } = await converse(ip, 4028, ['{"cmd":"summary"}']);
    expect(bytes.toString()).toContain('"Code":24');
  });

  test('v2 shows summary in one envelope or the other, by firmware', async () => {
    const plain = await askJson(miner('M50S').ip, 'summary');
    expect(firstRow(plain, 'STATUS')).toEqual({ STATUS: 'S', Msg: 'Summary' });
    const { ip, truth } = miner('M30S+');
    const wrapped = JSON.parse(await ask(ip, 'summary')) as { STATUS: string; Msg: Row };
    expect(wrapped).toMatchObject({ STATUS: 'S', Code: 131 });
    expect(number(wrapped.Msg, 'MHS 1m') / 1e6).toBeCloseTo(truth.hashrateThs, 4);
    const unknown = JSON.parse(await ask(ip, 'stats')) as Row;
    expect(unknown).toMatchObject({ STATUS: 'E', Code: 14, Msg: 'invalid cmd' });
  });

  test('v3 frames its replies, joins the parts of a status, and still answers v2', async () => {
    const { ip, mac, truth } = miner('M60S');
    const info = await askV3(ip, { cmd: 'get.device.info' }, true);
    expect(info).toMatchObject({
      code: 0,
      desc: 'get.device.info',
      msg: {
        miner: { type: 'M60S_VK40', working: 'true' },
        network: { mac: mac?.toUpperCase().match(/../g)?.join(':') },
        system: { api: '3.0.2' },
      },
    });
    const status = (await askV3(ip, { cmd: 'get.miner.status', param: 'summary+edevs' })) as {
      msg: { summary: Row; edevs: Row[] };
    };
    expect(Object.keys(status.msg)).toEqual(['summary', 'edevs']);
    expect(status.msg.summary['hash-realtime']).toBeCloseTo(truth.hashrateThs, 3);
    expect(status.msg.summary['power-realtime']).toBe(truth.powerW);
    expect(status.msg.edevs).toHaveLength(3);
    const row = firstRow(await askJson(ip, 'summary'), 'SUMMARY');
    expect(number(row, 'MHS 1m') / 1e6).toBeCloseTo(truth.hashrateThs, 4);
    expect(await askV3(ip, { cmd: 'get.nonsense' })).toMatchObject({ code: -2 });
    expect(await askV3(ip, { cmd: 'get.miner.status' })).toMatchObject({ code: -3 });
  });
});

describe('Avalon', () => {
  test.each(['1047', '1246-83', '15-194'])('%s says everything in its MM string', async (model) => {
    const { ip, mac, truth } = miner(model);
    const version = firstRow(await askJson(ip, 'version'), 'VERSION');
    expect(version['MAC']).toBe(mac);
    const mm = String(firstRow(await askJson(ip, 'estats'), 'STATS')['MM ID0']);
    const field = (key: string): string[] =>
      new RegExp(`(?:^| )${key}\\[([^\\]]*)\\]`).exec(mm)?.[1]?.trim().split(/ +/) ?? [];
    expect(field('MGHS').map(Number)).toHaveLength(truth.boards.length);
    expect(Number(field('GHSavg')[0])).toBeCloseTo(truth.hashrateAvgThs * 1000, 1);
    expect(Number(field('GHSmm')[0])).toBeCloseTo(truth.expectedThs * 1000, 1);
    expect(truth.fansRpm.map((_, fan) => Number(field(`Fan${fan + 1}`)[0]))).toEqual(truth.fansRpm);
    expect(field('PVT_T0')).toHaveLength(truth.boards[0]?.chips ?? 0);
    expect(Math.max(...field('PVT_T0').map(Number))).toBe(Number(field('MTmax')[0]));
    const supply = field('PS').map(Number);
    expect(supply[6] ?? 0).toBe(model === '1047' ? 0 : truth.powerW);
    const row = firstRow(await askJson(ip, 'devs'), 'DEVS');
    expect(number(row, 'MHS 1m') / 1e6).toBeCloseTo(truth.hashrateThs, 4);
  });

  test('right after a start the average is nought by nought', async () => {
    const starting = await startFarm({
      range: freshRange(),
      miners: 1,
      seed: 1,
      models: () => MODELS.find((model) => model.dialect === 'avalon-10') ?? MODELS[0]!,
      faults: () => [
        { kind: 'vanish', target: 0, window: { startS: NOW.getTime() / 1000 - 62, lengthS: 60 } },
      ],
      httpPort: HTTP_PORT,
      clock: () => NOW,
    });
    try {
      const summary = await ask(starting.miners[0]?.ip ?? '', 'summary');
      expect(summary).toContain('"Elapsed":2,"MHS av":nan,');
    } finally {
      await starting.close();
    }
  });

  test('its web page is JSONP with a comma too many', async () => {
    const { ip, mac } = miner('1047');
    const page = await get(ip, '/get_minerinfo.cgi');
    expect(page.body).toMatch(/^minerinfoCallback\(\{.*, \}\);$/);
    expect(page.body.replaceAll(':', '')).toContain(mac);
    expect((await get(ip, '/nothing.cgi')).status).toBe(404);
  });
});

describe('plain cgminer', () => {
  test('names no model and reports each board as a device', async () => {
    const { ip, truth } = miner(null);
    const version = await askJson(ip, 'version');
    expect(firstRow(version, 'VERSION')).toEqual({ CGMiner: '4.12.1', API: '3.7' });
    const devs = (await askJson(ip, 'devs'))['DEVS'] ?? [];
    const total = devs.reduce((sum, row) => sum + number(row, 'MHS 5s'), 0);
    expect(total / 1e6).toBeCloseTo(truth.hashrateThs, 4);
  });
});

describe('any of them', () => {
  test.each(MODELS.filter((model) => model.family !== 'whatsminer').map((model) => model.model))(
    'an %s answers in text mode what it answers in JSON',
    async (model) => {
      const { ip } = miner(model);
      const { bytes } = await converse(ip, 4028, ['summary']);
      const json = firstRow(await askJson(ip, 'summary'), 'SUMMARY');
      const [status, summary, rest] = bytes.toString().split('|');
      expect(status).toMatch(/^STATUS=S,When=\d+,Code=11,Msg=Summary,Description=/);
      expect(rest).toBe('\0');
      const fields = Object.fromEntries(
        (summary ?? '').split(',').map((field) => field.split('=') as [string, string]),
      );
      expect(summary).toMatch(/^SUMMARY,Elapsed=/);
      expect(Number(fields['Accepted'])).toBe(json['Accepted']);
      expect(Object.keys(fields).length).toBe(Object.keys(json).length + 1);
    },
  );

  test('writes are refused and remembered', async () => {
    const { ip } = miner('S19');
    const before = farm.writes.length;
    expect(await ask(ip, 'restart')).toContain("Access denied to 'restart' command");
    expect(await askV3(miner('M60S').ip, { cmd: 'set.system.reboot' })).toMatchObject({ code: -4 });
    expect(farm.writes.slice(before)).toEqual([
      { ip, request: '{"command":"restart"}' },
      { ip: miner('M60S').ip, request: '{"cmd":"set.system.reboot"}' },
    ]);
  });
});

interface Page {
  status: number;
  challenge: string;
  body: string;
}

function get(host: string, path: string, authorization?: string): Promise<Page> {
  return new Promise((resolve, reject) => {
    request(
      {
        host,
        port: HTTP_PORT,
        path,
        headers: authorization ? { authorization } : {},
        agent: false,
      },
      (response) => {
        let body = '';
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => (body += chunk));
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            challenge: response.headers['www-authenticate'] ?? '',
            body,
          }),
        );
      },
    )
      .on('error', reject)
      .end();
  });
}

const md5 = (text: string): string => createHash('md5').update(text).digest('hex');

function digest(challenge: string, uri: string, password: string): string {
  const realm = /realm="([^"]*)"/.exec(challenge)?.[1] ?? '';
  const nonce = /nonce="([^"]*)"/.exec(challenge)?.[1] ?? '';
  const response = md5(
    `${md5(`root:${realm}:${password}`)}:${nonce}:00000001:abc:auth:${md5(`GET:${uri}`)}`,
  );
  return `Digest username="root", realm="${realm}", nonce="${nonce}", uri="${uri}", qop=auth, nc=00000001, cnonce="abc", response="${response}"`;
}

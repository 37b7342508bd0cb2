import { form, lines, post } from '../ask.ts';
import type { SessionLogin } from '../ask.ts';
import { boards, fans, hashrate, identity, pools, shares, state } from '../capabilities.ts';
import type { Family } from '../family.ts';
import { duration, flag, num, text } from '../values.ts';
import {
  firmwareOf,
  LINES_PORT,
  LINES,
  panel,
  PANEL,
  readBoards,
  readFans,
  readPools,
  unitSaid,
} from './panel.ts';

const LOGIN: SessionLogin = {
  method: 'POST',
  path: '/user/loginpost',
  as: 'form',
  fields: { post: '6', user: '{user}', pwd: '{password}' },
  session: { cookie: /./ },
  // Without a session the page is a 200 with an error and no boards, which count errors of their own.
  refused: /^(?!.*"boards").*"error"\s*:\s*[1-9]/s,
};

/** Codes that newer firmware gives instead of the model's name. */
const CODES: Readonly<Record<string, string>> = { 10306: 'AL3' };

export const iceriver: Family = {
  id: 'iceriver',
  make: 'IceRiver',
  product: 'IceRiver',
  recognise: { page: /用户界面/, lines: true },
  login: { user: 'admin', password: '12345678' },
  model: (raw) => {
    // "ICM168_3_2_10_ks5L_miner": the word before "_miner".
    const word = /([^_]+)_miner$/i.exec(raw.trim())?.[1];
    return word === undefined ? null : (CODES[word] ?? word.toUpperCase());
  },
  plans: new Map([
    [LINES_PORT, [{ ask: [lines(LINES_PORT, LINES)], every: 'poll' }]],
    [80, [{ ask: [post(PANEL, form('post=4'), { login: LOGIN })], every: 'poll' }]],
  ]),
  capabilities: [
    identity({
      // `model` says "none".
      modelRaw: (replies) => {
        const software = text(panel(replies)['softver1']);
        return software !== null && /_miner$/i.test(software)
          ? software
          : text(panel(replies)['model']);
      },
      mac: (replies) => panel(replies)['mac'],
      hostname: (replies) => panel(replies)['host'],
      firmwareVersion: (replies) => firmwareOf(replies),
      algorithm: (replies) => {
        const software = text(panel(replies)['softver1']) ?? '';
        if (/_ks\w*_miner$/i.test(software)) return 'kheavyhash';
        if (/_(?:al\w*|10306)_miner$/i.test(software)) return 'blake3';
        return text(panel(replies)['algo']);
      },
    }),
    hashrate({
      now: [{ from: (replies) => panel(replies)['rtpow'], unit: unitSaid, window: 'realtime' }],
      average: [{ from: (replies) => panel(replies)['avgpow'], unit: unitSaid }],
      expected: [],
    }),
    boards(
      ['slot', 'hashrateThs', 'chips', 'boardTempsC', 'chipTempsC', 'frequencyMhz'],
      readBoards,
    ),
    fans(['slot', 'rpm'], readFans),
    pools({
      from: readPools,
      fills: ['url', 'user', 'priority', 'alive', 'active', 'accepted', 'rejected'],
    }),
    shares(
      (replies) => {
        const ratio = num(panel(replies)['reject']);
        return { 'Pool Rejected%': ratio === null ? null : ratio * 100 };
      },
      ['accepted', 'rejected', 'poolRejectedPercent'],
    ),
    state(['mining', 'uptimeS'], (replies, reading) => {
      const { nowThs } = reading.hashrate;
      return {
        mining: flag(panel(replies)['powstate']) ?? (nowThs === null ? null : nowThs > 0),
        uptimeS: duration(panel(replies)['runtime']),
      };
    }),
  ],
};

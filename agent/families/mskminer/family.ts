import { compileTime, modelRaw } from '../antminer-stock/dialects.ts';
import { modelOf } from '../antminer-stock/models.ts';
import { post } from '../ask.ts';
import type { SessionLogin } from '../ask.ts';
import { chainPower, chainWatts, FORK_STEPS, forkCapabilities, totals } from '../bitmain-fork.ts';
import { first, power } from '../capabilities.ts';
import type { Family, Replies, Step } from '../family.ts';
import { row, text } from '../values.ts';

/** "S19-88 v.2.6.0.39 ", "Antminer S9 Pro (v5.1) ": the type carries the firmware's version. */
const VERSION = /\bv\.?(\d+(?:\.\d+)+)/i;

function model(raw: string): string | null {
  return modelOf(raw.replace(/\s*\(?\bv\.?\d+(?:\.\d+)+\)?\s*$/i, ''));
}

function ownVersion(replies: Replies): string | null {
  const raw = text(modelRaw(replies));
  return raw === null ? null : (VERSION.exec(raw)?.[1] ?? null);
}

const LOGIN: SessionLogin = {
  method: 'POST',
  path: '/admin/login',
  as: 'form',
  fields: { username: '{user}', password: '{password}' },
  session: { cookie: /./ },
};

const INFO = '/api/info_v1';

const info = (replies: Replies) => row(replies.get(INFO));

export const mskminer: Family = {
  id: 'mskminer',
  make: 'AntMiner',
  product: 'MSKMiner',
  recognise: { cgminer: [/RWGLR/] },
  login: { user: 'admin', password: 'root' },
  model,
  plans: new Map<number, readonly Step[]>([
    [4028, [...FORK_STEPS, { ask: [post(INFO, null, { login: LOGIN })], every: 'hour' }]],
  ]),
  capabilities: [
    ...forkCapabilities({
      firmwareVersion: first(ownVersion, compileTime),
      model,
      board: chainPower,
      mac: (replies) => row(row(info(replies)['network_info'])['result'])['macaddr'],
      boardFields: ['powerW', 'voltageV'],
    }),
    power(['watts', 'source'], (replies) => {
      const watts = chainWatts(totals(replies));
      return watts === null ? {} : { watts, source: 'estimate' };
    }),
  ],
};

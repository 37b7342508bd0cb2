import { get } from '../ask.ts';
import {
  CCMINER_PLANS,
  CCMINER_REALM,
  ccminerCapabilities,
  MINER_CONF,
  namesMaker,
} from '../ccminer.ts';
import type { Family, Step } from '../family.ts';
import { row } from '../values.ts';

/** An FPGA machine mines what it was configured for; only the configuration names it. */
const COIN: Step = { ask: [get(MINER_CONF, 'digest')], every: 'hour' };

export const blackminer: Family = {
  id: 'blackminer',
  make: 'Blackminer',
  product: 'Blackminer',
  recognise: {
    cgminer: [/"TYPE"\s*:\s*"(?:BLACKMINER|HASHALTCOIN)/],
    realm: CCMINER_REALM,
    // Whose realm it is: what names neither of the others.
    confirm: (replies) => !namesMaker(/hammer|volcminer/i)(replies),
  },
  login: { user: 'root', password: 'root' },
  model: (raw) => raw.replace(/^\s*(?:blackminer|hashaltcoin)\s*/i, '').trim() || null,
  plans: new Map([...CCMINER_PLANS].map(([port, steps]) => [port, [...steps, COIN]])),
  capabilities: ccminerCapabilities({
    unit: 'GH/s',
    algorithm: (replies) => row(replies.get(MINER_CONF))['coin-type'],
    nowFrom: 'summary',
    firmwareFrom: 'build',
  }),
};

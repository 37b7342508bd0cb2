import { CCMINER_PLANS, CCMINER_REALM, ccminerCapabilities, namesMaker } from '../ccminer.ts';
import type { Family } from '../family.ts';

/** Chips of a whole board. */
const CHIPS: Readonly<Record<string, number>> = { D10: 108 };

const modelOf = (raw: string) => raw.replace(/^\s*hammer\s*/i, '').trim() || null;

export const hammer: Family = {
  id: 'hammer',
  make: 'Hammer',
  product: 'Hammer',
  recognise: {
    cgminer: [/"TYPE"\s*:\s*"HAMMER/],
    realm: CCMINER_REALM,
    confirm: namesMaker(/hammer/i),
    confirmOn: [4028, 80],
  },
  login: { user: 'root', password: 'root' },
  model: modelOf,
  plans: CCMINER_PLANS,
  capabilities: ccminerCapabilities({
    unit: 'MH/s',
    algorithm: () => 'scrypt',
    nowFrom: 'stats',
    firmwareFrom: 'build',
    chipsOf: (raw) => CHIPS[modelOf(raw) ?? ''] ?? null,
  }),
};

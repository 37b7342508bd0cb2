import type { Family } from '../family.ts';
import { INNOMINER_CAPABILITIES, INNOMINER_PLANS, isDragonMint } from '../innominer.ts';

/** Halong's T1, made by Innosilicon and read as theirs. */
export const dragonmint: Family = {
  id: 'dragonmint',
  make: 'DragonMint',
  product: 'DragonMint',
  recognise: {
    cgminer: [/"ID"\s*:\s*"DT1/, /"NAME"\s*:\s*"DT1/],
    page: /DragonMint|Innosilicon/i,
    confirm: isDragonMint,
    confirmOn: [80, 4028],
  },
  login: { user: 'admin', password: 'dragonadmin' },
  model: (raw) => raw.replace(/^\s*dragonmint\s*/i, '').trim() || null,
  plans: INNOMINER_PLANS,
  capabilities: INNOMINER_CAPABILITIES,
};

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
  },
  login: { user: 'admin', password: 'dragonadmin' },
  // The page of the T1 names no type where it was asked for the summary alone.
  model: (raw) => raw.replace(/^\s*dragonmint\s*/i, '').trim() || null,
  plans: INNOMINER_PLANS,
  capabilities: INNOMINER_CAPABILITIES,
};

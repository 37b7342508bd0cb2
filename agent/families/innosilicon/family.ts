import type { Family } from '../family.ts';
import {
  INNOMINER_CAPABILITIES,
  INNOMINER_PLANS,
  isDragonMint,
  isInnominer,
} from '../innominer.ts';

export const innosilicon: Family = {
  id: 'innosilicon',
  make: 'Innosilicon',
  product: 'Innosilicon',
  recognise: {
    cgminer: [
      /INNOMINER/,
      /"CGMINER"\s*:\s*"A\d+\w*-\d/,
      /"TYPE"\s*:\s*"T[23]/,
      /"ID"\s*:\s*"(?:HLT|DT1)\d/,
    ],
    page: /DragonMint|Innosilicon/i,
    confirm: (replies) => isInnominer(replies) && !isDragonMint(replies),
  },
  login: { user: 'admin', password: 'admin' },
  model: (raw) => raw.replace(/^\s*innosilicon\s*/i, '').trim() || null,
  plans: INNOMINER_PLANS,
  capabilities: INNOMINER_CAPABILITIES,
};

import { CCMINER_PLANS, CCMINER_REALM, ccminerCapabilities, namesMaker } from '../ccminer.ts';
import type { Family } from '../family.ts';

export const volcminer: Family = {
  id: 'volcminer',
  make: 'VolcMiner',
  product: 'VolcMiner',
  recognise: {
    cgminer: [/"TYPE"\s*:\s*"VOLCMINER/],
    realm: CCMINER_REALM,
    confirm: namesMaker(/volcminer/i),
    confirmOn: [4028, 80],
  },
  login: { user: 'root', password: 'ltc@dog' },
  model: (raw) => raw.replace(/^\s*volcminer\s*/i, '').trim() || null,
  plans: CCMINER_PLANS,
  capabilities: ccminerCapabilities({
    unit: 'MH/s',
    algorithm: () => 'scrypt',
    nowFrom: 'summary',
    firmwareFrom: 'filesystem',
    modelFromHostname: true,
  }),
};

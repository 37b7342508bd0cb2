import { AXEOS_CAPABILITIES, AXEOS_PLANS, info } from '../axeos.ts';
import type { Family } from '../family.ts';
import { isRow } from '../values.ts';

/** Shares its page with Bitaxe; the fork's own keys in the reply tell it. */
export const nerdqaxe: Family = {
  id: 'nerdqaxe',
  make: 'NerdAxe',
  product: 'ESP-Miner-NerdQAxePlus',
  recognise: {
    page: /AxeOS|Nerd\w{0,20}Axe/i,
    confirm: (replies) => {
      const said = info(replies);
      return 'deviceModel' in said || isRow(said['stratum']);
    },
  },
  plans: AXEOS_PLANS,
  capabilities: AXEOS_CAPABILITIES,
};

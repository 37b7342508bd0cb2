import type { DashboardBuilder } from '@grafana/grafana-foundation-sdk/dashboard';
import { dashboard } from '../../parts/dashboard.ts';
import { UIDS } from '../../parts/links.ts';
import { minerVariable, seriesVariables, siteVariable } from '../../parts/variables.ts';
import { hashing, shares } from './hashing.ts';
import { heat } from './heat.ts';
import { identity } from './identity.ts';
import { now } from './now.ts';

/** Everything of one miner: what it does, how hot, how loud, and what it is. */
export function miner(): DashboardBuilder {
  return dashboard({
    title: 'Miner',
    uid: UIDS.miner,
    description:
      'Everything of one miner: what it does against what it should, its boards, heat, fans, power, shares and identity.',
    from: 'now-24h',
    adminPath: '/miners/${miner:raw}',
    variables: [siteVariable(), minerVariable(), ...seriesVariables()],
    sections: [
      { id: 101, title: 'Now', panels: now },
      { id: 102, title: 'Hashing', panels: hashing },
      { id: 103, title: 'Heat, fans and power', panels: heat },
      { id: 104, title: 'Shares and restarts', panels: shares },
      { id: 105, title: 'What it is', panels: identity },
    ],
  });
}

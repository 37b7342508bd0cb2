import type { DashboardBuilder } from '@grafana/grafana-foundation-sdk/dashboard';
import { dashboard } from '../../parts/dashboard.ts';
import { UIDS } from '../../parts/links.ts';
import { algorithmVariable, siteVariable } from '../../parts/variables.ts';
import { attention } from '../common/miners.ts';
import { nowPanels } from '../common/now.ts';
import { overTimePanels } from '../common/over-time.ts';
import { siteHashrates, sites } from './sites.ts';

/** How the whole farm does, now and over time, and which sites and miners need somebody. */
export function fleet(): DashboardBuilder {
  return dashboard({
    title: 'Fleet',
    uid: UIDS.fleet,
    description:
      'How the whole farm does, now and over time, and which sites and miners need somebody. "Site" narrows the tables and the ' +
      'charts by site; the totals are always those of all sites.',
    from: 'now-24h',
    adminPath: '/',
    variables: [siteVariable(), algorithmVariable()],
    sections: [
      { id: 101, title: 'Now', panels: nowPanels('fleet') },
      { id: 105, title: 'Sites', panels: sites },
      { id: 102, title: 'Over time', panels: overTimePanels('fleet') },
      { id: 103, title: 'Worth a look', panels: attention('fleet') },
      { id: 104, title: 'Hashrate by site', panels: siteHashrates },
    ],
  });
}

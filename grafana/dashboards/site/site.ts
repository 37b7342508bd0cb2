import type { DashboardBuilder } from '@grafana/grafana-foundation-sdk/dashboard';
import { dashboard } from '../../parts/dashboard.ts';
import { UIDS } from '../../parts/links.ts';
import { algorithmVariable, containerVariable, siteVariable } from '../../parts/variables.ts';
import { agentsTable } from '../common/agents.ts';
import { allMiners, attention } from '../common/miners.ts';
import { nowPanels } from '../common/now.ts';
import { overTimePanels } from '../common/over-time.ts';
import { containers } from './containers.ts';

/** How one site does: its containers, its agents, its miners. */
export function site(): DashboardBuilder {
  return dashboard({
    title: 'Site',
    uid: UIDS.site,
    description:
      'How one site does, now and over time; its containers, agents and miners. "Container" narrows the tables of miners; samples ' +
      'do not know containers, so the charts are always of the whole site.',
    from: 'now-24h',
    adminPath: '/sites',
    variables: [siteVariable('one'), containerVariable(), algorithmVariable()],
    sections: [
      { id: 101, title: 'Now', panels: nowPanels('site') },
      { id: 102, title: 'Over time', panels: overTimePanels('site') },
      { id: 103, title: 'Worth a look', panels: attention('site') },
      { id: 104, title: 'Containers and agents', panels: [containers, agentsTable(52)] },
      { id: 105, title: 'Miners', panels: [allMiners] },
    ],
  });
}

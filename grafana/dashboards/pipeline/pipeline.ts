import type { DashboardBuilder } from '@grafana/grafana-foundation-sdk/dashboard';
import { dashboard } from '../../parts/dashboard.ts';
import { UIDS } from '../../parts/links.ts';
import { siteVariable } from '../../parts/variables.ts';
import { agentsTable } from '../common/agents.ts';
import { agentsOverTime } from './agents-over-time.ts';
import { databases, ingest } from './ingest.ts';

/** How samples come in: agents, what they hold and lost, what the server refused, and the databases. */
export function pipeline(): DashboardBuilder {
  return dashboard({
    title: 'Pipeline',
    uid: UIDS.pipeline,
    description:
      'How samples come in: the agents, what they hold and what they lost, what the server set aside, and how the databases do. ' +
      'Whether the other dashboards can be trusted.',
    from: 'now-24h',
    adminPath: '/agents',
    variables: [siteVariable()],
    sections: [
      { id: 101, title: 'Agents', panels: [agentsTable(1)] },
      { id: 102, title: 'Delivery', panels: agentsOverTime },
      { id: 103, title: 'Ingest', panels: ingest },
      { id: 104, title: 'Databases', panels: databases },
    ],
  });
}

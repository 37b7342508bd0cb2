import type { DashboardBuilder } from '@grafana/grafana-foundation-sdk/dashboard';
import { dashboard } from '../../parts/dashboard.ts';
import { UIDS } from '../../parts/links.ts';
import { siteVariable } from '../../parts/variables.ts';
import { attention, miners } from './miners.ts';
import { now } from './now.ts';
import { overTime } from './over-time.ts';
import { sites } from './sites.ts';

/** How the whole farm does, now and over the day, and which miners need somebody. */
export function fleet(): DashboardBuilder {
  return dashboard({
    title: 'Fleet',
    uid: UIDS.fleet,
    description: 'How the whole farm does, now and over the day, and which miners need somebody.',
    from: 'now-6h',
    variables: [siteVariable()],
    sections: [
      { id: 101, title: 'Now', panels: now },
      { id: 102, title: 'Over time', panels: overTime },
      { id: 103, title: 'Worth a look', panels: attention },
      { id: 104, title: 'By site', panels: sites },
      { id: 105, title: 'Miners', panels: miners },
    ],
  });
}

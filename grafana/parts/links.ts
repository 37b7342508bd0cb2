import { DashboardLinkBuilder, DashboardLinkType } from '@grafana/grafana-foundation-sdk/dashboard';

export const TAG = 'hashyard';
export const UIDS = { fleet: 'hashyard-fleet', miner: 'hashyard-miner' } as const;

/** In a table whose rows have the miner's `id`. */
export const TO_MINER = {
  title: 'History of this miner',
  url: `/d/${UIDS.miner}?var-miner=\${__data.fields.id}&\${__url_time_range}`,
};

/** In a table whose rows have a site's `scope`. */
export const TO_FLEET_OF_SITE = {
  title: 'Only this site',
  url: `/d/${UIDS.fleet}?var-site=\${__data.fields.scope}&\${__url_time_range}`,
};

/** From any dashboard to the others. */
export function toOtherDashboards(): DashboardLinkBuilder {
  return new DashboardLinkBuilder('Hashyard')
    .type(DashboardLinkType.Dashboards)
    .tags([TAG])
    .asDropdown(true)
    .keepTime(true)
    .tooltip('The other dashboards of the farm');
}

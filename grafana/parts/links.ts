import { DashboardLinkBuilder, DashboardLinkType } from '@grafana/grafana-foundation-sdk/dashboard';

export const TAG = 'hashyard';
export const UIDS = {
  fleet: 'hashyard-fleet',
  site: 'hashyard-site',
  miner: 'hashyard-miner',
  heat: 'hashyard-heat',
  hardware: 'hashyard-hardware',
  pools: 'hashyard-pools',
  models: 'hashyard-models',
  pipeline: 'hashyard-pipeline',
} as const;

/** In a table whose rows have the miner's `id`. */
export const TO_MINER = {
  title: 'History of this miner',
  url: `/d/${UIDS.miner}?var-miner=\${__data.fields.id}&\${__url_time_range}`,
};

/** In a table whose rows have a site's `scope`. */
export const TO_SITE = {
  title: 'This site',
  url: `/d/${UIDS.site}?var-site=\${__data.fields.scope}&\${__url_time_range}`,
};

/** In a table whose rows have a model's `tag`. */
export const TO_MODEL = {
  title: 'This model',
  url: `/d/${UIDS.models}?var-model=\${__data.fields.tag}&\${__url_time_range}`,
};

/** In a table whose rows are of several kinds and say themselves, in `to`, which dashboard has more of each. */
export const TO_THAT = {
  title: 'More of this',
  url: '/d/${__data.fields.to}&${__url_time_range}',
};

/** In a table whose rows have the agent's `agent_id`; leads to the admin page. */
export const TO_AGENT = {
  title: 'This agent in the admin page',
  url: '${admin:raw}/agents/${__data.fields.agent_id}',
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

/** From any dashboard to a page of the admin UI. */
export function toAdmin(path: string): DashboardLinkBuilder {
  return new DashboardLinkBuilder('Admin page')
    .type(DashboardLinkType.Link)
    .url(`\${admin:raw}${path}`)
    .icon('external link')
    .targetBlank(true)
    .tooltip('The same in the admin page');
}

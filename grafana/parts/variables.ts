import {
  QueryVariableBuilder,
  VariableHide,
  VariableRefresh,
  VariableSort,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { STATE, trimmed } from './targets.ts';

/** SQL condition: the row's scope is one of the chosen sites. */
export const CHOSEN_SITES = "scope ~ '^(${site:regex})$'";
/** SQL condition: the row is the chosen miner; no row while none is chosen. */
export const CHOSEN_MINER = "= nullif('$miner', '')::integer";

/** Sites by name; the value is the scope, which is the tag "site" of the samples. */
export function siteVariable(): QueryVariableBuilder {
  return (
    fromState('site', 'SELECT name AS __text, scope AS __value FROM grafana.sites ORDER BY name')
      .label('Site')
      .description('Sites, and agents that have no site')
      .multi(true)
      .includeAll(true)
      // Not the list of all values: it is empty, and the query wrong, before the first site exists.
      .allValue('.*')
      .current({ text: ['All'], value: ['$__all'], selected: true })
  );
}

/** Miners by name; the value is the id, so a link stays good when a miner gains another series key. */
export function minerVariable(): QueryVariableBuilder {
  return fromState(
    'miner',
    `SELECT name || ' · ' || site AS __text, id::text AS __value
     FROM grafana.miners WHERE ${CHOSEN_SITES} ORDER BY name, site`,
  )
    .label('Miner')
    .description('One miner, by name and site');
}

/** What the chosen miner's samples are stored under: all its series keys, and their scopes. */
export function seriesVariables(): QueryVariableBuilder[] {
  return ['keys', 'scopes'].map((column) =>
    fromState(column, `SELECT ${column} FROM grafana.miners WHERE id ${CHOSEN_MINER}`)
      .hide(VariableHide.HideVariable)
      .description(`Tag values of the chosen miner's samples, as a regular expression`),
  );
}

/** Variables that follow from others; a value in the address would outlive its miner. */
export const DERIVED = ['keys', 'scopes'] as const;

function fromState(name: string, sql: string): QueryVariableBuilder {
  const query = trimmed(sql);
  return new QueryVariableBuilder(name)
    .datasource(STATE)
    .query(query)
    .definition(query)
    .refresh(VariableRefresh.OnDashboardLoad)
    .sort(VariableSort.Disabled);
}

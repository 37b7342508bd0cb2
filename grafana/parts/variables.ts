import {
  QueryVariableBuilder,
  VariableHide,
  VariableRefresh,
  VariableSort,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { SAMPLES, STATE, trimmed } from './targets.ts';

/** SQL condition: the row's scope is one of the chosen sites. */
export const CHOSEN_SITES = "scope ~ '^(${site:regex})$'";
/** SQL condition: the row's container is one of the chosen; "–" stands for none. */
export const CHOSEN_CONTAINERS = "coalesce(container, '–') ~ '^(${container:regex})$'";
/** SQL condition: the row's model, as the tag `model` has it, is one of the chosen. */
export const CHOSEN_MODELS = "model_tag ~ '^(${model:regex})$'";
/** SQL condition: the row is the chosen miner; no row while none is chosen. */
export const CHOSEN_MINER = "= nullif('$miner', '')::integer";

/** Sites by name; the value is the scope, which is the tag "site" of the samples. */
export function siteVariable(choice: 'one' | 'several' = 'several'): QueryVariableBuilder {
  const variable = fromState(
    'site',
    'SELECT name AS __text, scope AS __value FROM grafana.sites ORDER BY name',
  )
    .label('Site')
    .description('Sites, and agents that have no site');
  return choice === 'several' ? withAll(variable) : variable;
}

/** Containers of the chosen site by name; miners in none have "–". */
export function containerVariable(): QueryVariableBuilder {
  return withAll(
    fromState(
      'container',
      `SELECT DISTINCT coalesce(container, '–') FROM grafana.miners WHERE ${CHOSEN_SITES} AND is_active ORDER BY 1`,
    )
      .label('Container')
      .description('Containers of the site; narrows the tables, not the charts'),
  );
}

/** Models by name; the value is the tag "model" of the samples. */
export function modelVariable(): QueryVariableBuilder {
  return withAll(
    fromState(
      'model',
      'SELECT name AS __text, model_tag AS __value FROM grafana.models ORDER BY name',
    )
      .label('Model')
      .description('Makes and models of the miners'),
  );
}

/** What is hashed. TH/s of two algorithms must not be added, so it is always one. */
export function algorithmVariable(): QueryVariableBuilder {
  return new QueryVariableBuilder('algo')
    .datasource(SAMPLES)
    .query('SHOW TAG VALUES FROM "fleet_agg" WITH KEY = "algo"')
    .definition('SHOW TAG VALUES FROM "fleet_agg" WITH KEY = "algo"')
    .refresh(VariableRefresh.OnDashboardLoad)
    .sort(VariableSort.Disabled)
    .label('Algorithm')
    .description('What the miners hash: hashrates of two algorithms cannot be added')
    .current({ text: 'sha256', value: 'sha256', selected: true });
}

/** Up to here charts are made of minutes. A range of "last 7 days" is a little longer by the time it is asked for. */
const MINUTES_UP_TO_S = 7 * 86_400 + 3600;
/** Minutes and samples are kept so long. */
const MINUTES_KEPT_S = 30 * 86_400;

const SECONDS = 'extract(epoch FROM $__timeTo()::timestamptz - $__timeFrom()::timestamptz)';
const SHORT = `${SECONDS} <= ${MINUTES_UP_TO_S} AND $__timeFrom()::timestamptz > now() - interval '${MINUTES_KEPT_S} seconds'`;

/**
 * The resolution of the charts, made anew when the range changes: `minutes` and `hours` open one of the two queries of a
 * chart (parts/history.ts), `step` keeps the hourly one below some 1,500 points.
 */
export function resolutionVariables(): QueryVariableBuilder[] {
  const variables = {
    minutes: [`CASE WHEN ${SHORT} THEN '.*' ELSE 'none' END`, '.*'],
    hours: [`CASE WHEN ${SHORT} THEN 'none' ELSE '.*' END`, 'none'],
    step: [
      `CASE WHEN ${SECONDS} <= ${62 * 86_400} THEN '1h' WHEN ${SECONDS} <= ${400 * 86_400} THEN '6h' ELSE '1d' END`,
      '1h',
    ],
  };
  return Object.entries(variables).map(([name, [expression = '', value = '']]) =>
    fromState(name, `SELECT ${expression} AS ${name}`)
      .refresh(VariableRefresh.OnTimeRangeChanged)
      .hide(VariableHide.HideVariable)
      .current({ text: value, value, selected: true })
      .description('Minutes while the range is short, hours when it is long'),
  );
}

/** Where the admin page is, for links to it. */
export function adminVariable(): QueryVariableBuilder {
  return fromState(
    'admin',
    `SELECT coalesce((SELECT rtrim(public_url, '/') FROM grafana.instance), '${ADMIN_DEFAULT}') AS admin`,
  )
    .hide(VariableHide.HideVariable)
    .current({ text: ADMIN_DEFAULT, value: ADMIN_DEFAULT, selected: true })
    .description('Address of the admin page, PUBLIC_URL of the server');
}
const ADMIN_DEFAULT = 'http://localhost:8000';

function withAll(variable: QueryVariableBuilder): QueryVariableBuilder {
  return (
    variable
      .multi(true)
      .includeAll(true)
      // Not the list of all values: it is empty, and the query wrong, before the first one exists.
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
export const DERIVED = ['keys', 'scopes', 'minutes', 'hours', 'step', 'admin'] as const;

function fromState(name: string, sql: string): QueryVariableBuilder {
  const query = trimmed(sql);
  return new QueryVariableBuilder(name)
    .datasource(STATE)
    .query(query)
    .definition(query)
    .refresh(VariableRefresh.OnDashboardLoad)
    .sort(VariableSort.Disabled);
}

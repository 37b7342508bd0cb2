import { MINER_STATES, type MinerState } from '../../data/fleet.ts';

/** Filters that take values of a facet, by their names in addresses and requests. */
export const LISTS = ['site_id', 'container_id', 'agent_id', 'model', 'firmware', 'tag'] as const;
export type ListFilter = (typeof LISTS)[number];

export const COLUMNS = [
  'state',
  'name',
  'ip_address',
  'site_name',
  'container_name',
  'model',
  'firmware',
  'hash_rate',
  'percent_of_expected',
  'temperature',
  'temp_chip',
  'fan_speed',
  'power_consumption',
  'efficiency_j_th',
  'rejected_percent',
  'uptime_s',
  'worker',
  'mac',
  'serial',
  'agent_name',
  'tags',
  'answered_at',
] as const;
export type MinerColumn = (typeof COLUMNS)[number];

export const USUAL_COLUMNS: readonly MinerColumn[] = [
  'state',
  'name',
  'ip_address',
  'site_name',
  'model',
  'hash_rate',
  'temperature',
  'fan_speed',
  'power_consumption',
  'answered_at',
];

/** Tags are the one column nothing sorts by. */
export type MinerSort = Exclude<MinerColumn, 'tags'>;

/** What a list of miners shows. The whole of it stands in the address, so that a view is a bookmark. */
export interface MinerView {
  q: string;
  state: MinerState | null;
  lists: Partial<Record<ListFilter, string>>;
  retired: boolean;
  sort: MinerSort;
  descending: boolean;
  columns: readonly MinerColumn[];
}

const isOneOf = <Value extends string>(all: readonly Value[], text: string | null): text is Value =>
  all.some((one) => one === text);

/** Numbers begin with the largest, states with the worst, texts with A. */
export const startsDescending = (column: MinerColumn): boolean =>
  [
    'hash_rate',
    'temperature',
    'temp_chip',
    'fan_speed',
    'power_consumption',
    'efficiency_j_th',
    'rejected_percent',
  ].includes(column);

/**
 * Reads the part of an address after "?"; what it does not understand is left out. `usual`: the columns where it names
 * none.
 */
export function readView(search: string, usual: readonly MinerColumn[]): MinerView {
  const query = new URLSearchParams(search);
  const state = query.get('state');
  const sort = query.get('sort');
  const columns = query
    .get('columns')
    ?.split(',')
    .filter((one) => isOneOf(COLUMNS, one));
  const lists: MinerView['lists'] = {};
  for (const name of LISTS) {
    const value = query.get(name);
    if (value !== null) lists[name] = value;
  }
  return {
    q: query.get('q') ?? '',
    state: isOneOf(MINER_STATES, state) ? state : null,
    lists,
    retired: query.get('retired') === 'only',
    sort: isOneOf(COLUMNS, sort) && sort !== 'tags' ? sort : 'state',
    descending: query.get('order') === 'desc',
    columns: columns?.length ? COLUMNS.filter((one) => columns.includes(one)) : usual,
  };
}

/** The filters of a view as a query; `but`: leave the state out. */
export function filterQuery(view: MinerView, but?: 'state'): URLSearchParams {
  const query = new URLSearchParams();
  if (view.q.trim()) query.set('q', view.q.trim());
  if (view.state !== null && but !== 'state') query.set('state', view.state);
  for (const name of LISTS) {
    const value = view.lists[name];
    if (value !== undefined) query.set(name, value);
  }
  if (view.retired) query.set('retired', 'only');
  return query;
}

/** Filters and order as the server is asked. */
export function rowsQuery(view: MinerView): string {
  const query = filterQuery(view);
  query.set('sort', view.sort);
  if (view.descending) query.set('order', 'desc');
  return query.toString();
}

/** The address of a view: only what is not as in a new browser, so that it shows the same in every other. */
export function writeView(view: MinerView): string {
  const query = filterQuery(view);
  if (view.sort !== 'state') query.set('sort', view.sort);
  if (view.descending) query.set('order', 'desc');
  const columns = view.columns.join(',');
  if (columns !== USUAL_COLUMNS.join(',')) query.set('columns', columns);
  return query.toString();
}

/** The filters as `POST /api/fleet/miners/change` takes them. */
export function filterBody(view: MinerView): Record<string, unknown> {
  const body: Record<string, unknown> = {};
  for (const [name, value] of filterQuery(view)) {
    if (name === 'q' || name === 'retired') body[name] = value;
    else body[name] = [name.endsWith('_id') ? Number(value) : value];
  }
  return body;
}

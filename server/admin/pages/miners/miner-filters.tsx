import { useEffect, useRef, useState } from 'react';
import { useHistoryState } from 'wouter/use-browser-location';
import { MINER_STATES } from '../../data/fleet.ts';
import type { Facet, Facets } from '../../data/miners.ts';
import { useWords } from '../../i18n/words.tsx';
import { StateFilter } from './state-filter.tsx';
import { COLUMNS, LISTS, type ListFilter, type MinerSort, type MinerView } from './view.ts';

const FACET_OF = {
  site_id: 'sites',
  container_id: 'containers',
  agent_id: 'agents',
  model: 'models',
  firmware: 'firmwares',
  tag: 'tags',
} as const satisfies Record<ListFilter, keyof Facets>;

/** Time for the next key before the server is asked, ms. */
const PAUSE_MS = 200;

export function MinerFilters(props: {
  view: MinerView;
  facets: Facets | undefined;
  asCards: boolean;
  onChange: (change: Partial<MinerView>) => void;
}) {
  const { t } = useWords();
  const { view, facets, onChange } = props;
  const counts = new Map(facets?.states.map(({ value, count }) => [value, count]));
  const all = facets?.states.reduce((sum, { count }) => sum + count, 0) ?? 0;
  const setList = (name: ListFilter, value: string) => {
    const { [name]: _, ...others } = view.lists;
    onChange({ lists: value === ALL ? others : { ...others, [name]: value } });
  };
  return (
    <div className="tools">
      <Search text={view.q} onSearch={(q) => onChange({ q })} />
      {LISTS.map((name) => (
        <ListSelect
          key={name}
          name={name}
          facet={facets?.[FACET_OF[name]] ?? []}
          chosen={view.lists[name]}
          onChoose={(value) => setList(name, value)}
        />
      ))}
      {props.asCards ? (
        <select
          aria-label={t('miners.sortBy')}
          value={view.sort}
          onChange={(event) => {
            const sort = COLUMNS.find((one) => one === event.currentTarget.value);
            if (sort && sort !== 'tags') onChange({ sort: sort satisfies MinerSort });
          }}
        >
          {view.columns
            .filter((one) => one !== 'tags')
            .map((one) => (
              <option key={one} value={one}>
                {t('miners.sortBy')}: {t(`column.${one}`)}
              </option>
            ))}
        </select>
      ) : null}
      <StateFilter
        all={all}
        states={MINER_STATES}
        count={(state) => counts.get(state) ?? 0}
        chosen={view.state}
        onChoose={(state) => onChange({ state })}
      />
      <label className="check">
        <input
          type="checkbox"
          checked={view.retired}
          onChange={(event) => onChange({ retired: event.currentTarget.checked })}
        />
        {t('miners.onlyRetired')}
      </label>
    </div>
  );
}

/** What is typed is shown at once and searched for after a pause. */
function Search({ text, onSearch }: { text: string; onSearch: (text: string) => void }) {
  const { t } = useWords();
  const [typed, setTyped] = useState(text);
  const field = useRef<HTMLInputElement>(null);
  // Somebody pressed "/" on a page without a search.
  const wanted = useHistoryState<unknown>() === 'search';
  useEffect(() => {
    if (wanted) field.current?.focus();
  }, [wanted]);
  useEffect(() => setTyped(text), [text]);
  useEffect(() => {
    if (typed === text) return undefined;
    const timer = setTimeout(() => onSearch(typed), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [typed, text, onSearch]);
  return (
    <input
      type="search"
      data-search=""
      aria-label={t('miners.filter')}
      placeholder={t('miners.filterHint')}
      spellCheck={false}
      ref={field}
      value={typed}
      onChange={(event) => setTyped(event.currentTarget.value)}
    />
  );
}

const ALL = '\0all';

/** Offered where there is something to choose, or something chosen. */
function ListSelect(props: {
  name: ListFilter;
  facet: readonly Facet[];
  chosen: string | undefined;
  onChoose: (value: string) => void;
}) {
  const { t, format } = useWords();
  const { name, facet, chosen } = props;
  // Agents are nearly the same as sites: one comes here from an agent's page.
  const nothing =
    name === 'agent_id' || (facet.length < 2 && !(name === 'tag' && facet.length > 0));
  if (nothing && chosen === undefined) return null;
  const known = chosen === undefined || facet.some(({ value }) => String(value) === chosen);
  return (
    <select
      aria-label={t(`filter.${name}`)}
      value={chosen ?? ALL}
      className={chosen === undefined ? '' : 'chosen'}
      onChange={(event) => props.onChoose(event.currentTarget.value)}
    >
      <option value={ALL}>{t(`filter.${name}All`)}</option>
      {known ? null : <option value={chosen}>{chosen}</option>}
      {facet.map(({ value, name: called, count }) => (
        <option key={value} value={String(value)}>
          {called || t('filter.none')} ({format.count(count)})
        </option>
      ))}
    </select>
  );
}

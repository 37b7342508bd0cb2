import { useMemo, useState } from 'react';
import { MINER_STATES, type Miner, type MinerState } from '../../data/miners.ts';
import type { Site } from '../../data/sites.ts';
import { useWords } from '../../i18n/words.tsx';
import { useMedia } from '../../parts/media.ts';
import { LongTable, type Sort } from '../../parts/table.tsx';
import { minerColumns } from './miner-columns.tsx';
import { filterMiners, nextSort, sortMiners, type MinerColumn } from './miner-list.ts';
import { StateFilter } from './state-filter.tsx';

/** px, as `.miners` in styles/tables.css. */
const ROW_HEIGHT = 37;
const CARD_HEIGHT = 140;

/** Nobody knows what it does now, so what it last said is shown as history. */
const isPast = (miner: Miner): boolean => miner.state === 'offline' || miner.state === 'unknown';

export function MinersPanel({
  miners,
  sites,
}: {
  miners: readonly Miner[];
  sites: readonly Site[];
}) {
  const words = useWords();
  const { t } = words;
  const [text, setText] = useState('');
  const [siteId, setSiteId] = useState<number | null>(null);
  const [state, setState] = useState<MinerState | null>(null);
  const [sort, setSort] = useState<Sort<MinerColumn>>({ column: 'state', descending: false });
  const asCards = useMedia('(max-width: 719.98px)');

  const withSite = sites.length > 1;
  const columns = useMemo(
    () => minerColumns(words).filter((column) => withSite || column.id !== 'site'),
    [words, withSite],
  );
  const found = useMemo(
    () => filterMiners(miners, { text, siteId, state: null }),
    [miners, text, siteId],
  );
  const rows = useMemo(
    () => sortMiners(filterMiners(found, { text: '', siteId: null, state }), sort),
    [found, state, sort],
  );
  const counts = useMemo(() => {
    const groups = Map.groupBy(found, (miner) => miner.state);
    return (one: MinerState) => groups.get(one)?.length ?? 0;
  }, [found]);
  const onSort = (column: MinerColumn) => setSort((old) => nextSort(old, column));

  return (
    <section className="panel miners-panel" aria-labelledby="miners-title">
      <header>
        <h2 id="miners-title">{t('miners.title')}</h2>
        <span className="muted" role="status">
          {rows.length === miners.length
            ? t('miners.count', { n: miners.length })
            : t('miners.countOf', { shown: rows.length, n: miners.length })}
        </span>
      </header>
      {miners.length === 0 ? (
        <p className="empty">{t('miners.empty')}</p>
      ) : (
        <>
          <div className="tools">
            <input
              type="search"
              aria-label={t('miners.filter')}
              placeholder={t('miners.filterHint')}
              spellCheck={false}
              value={text}
              onChange={(event) => setText(event.currentTarget.value)}
            />
            {withSite ? (
              <select
                aria-label={t('miners.site')}
                value={siteId ?? ''}
                onChange={(event) => setSiteId(Number(event.currentTarget.value) || null)}
              >
                <option value="">{t('miners.allSites')}</option>
                {sites.map((site) => (
                  <option key={site.id} value={site.id}>
                    {site.name}
                  </option>
                ))}
              </select>
            ) : null}
            {asCards ? (
              <select
                aria-label={t('miners.sortBy')}
                value={sort.column}
                onChange={(event) => {
                  const chosen = columns.find(({ id }) => id === event.currentTarget.value);
                  if (chosen && chosen.id !== sort.column) onSort(chosen.id);
                }}
              >
                {columns.map((column) => (
                  <option key={column.id} value={column.id}>
                    {t('miners.sortBy')}: {column.title}
                  </option>
                ))}
              </select>
            ) : null}
            <StateFilter
              all={found.length}
              states={MINER_STATES}
              count={counts}
              chosen={state}
              onChoose={setState}
            />
          </div>
          {rows.length === 0 ? (
            <p className="empty">
              {t('miners.noneMatch')}{' '}
              <button
                type="button"
                onClick={() => {
                  setText('');
                  setSiteId(null);
                  setState(null);
                }}
              >
                {t('miners.clear')}
              </button>
            </p>
          ) : (
            <div className="wide">
              <LongTable
                caption={t('miners.title')}
                className="miners"
                columns={columns}
                rows={rows}
                sort={sort}
                onSort={onSort}
                rowHeight={asCards ? CARD_HEIGHT : ROW_HEIGHT}
                isPast={isPast}
              />
            </div>
          )}
        </>
      )}
    </section>
  );
}

import { useLayoutEffect, useMemo, useRef, useState } from 'react';
import { useMinerRows, useFacets, type Miner } from '../../data/miners.ts';
import { inWords } from '../../api.ts';
import { useMay } from '../../data/session.ts';
import { useWords } from '../../i18n/words.tsx';
import { EmptyState } from '../../parts/empty-state.tsx';
import { useMedia } from '../../parts/media.ts';
import { Notice } from '../../parts/notice.tsx';
import { Page } from '../../parts/page.tsx';
import { LongTable, type Column } from '../../parts/table.tsx';
import { useVisibleRows } from '../../parts/visible-rows.ts';
import { BulkBar } from './bulk-bar.tsx';
import { ColumnsMenu, ExportMenu } from './list-menus.tsx';
import { minerCells } from './miner-columns.tsx';
import { MinerFilters } from './miner-filters.tsx';
import { useSelection } from './selection.ts';
import { useView } from './use-view.ts';
import { filterQuery, rowsQuery, startsDescending, type MinerColumn } from './view.ts';

/** px, as `.miners` in styles/tables.css. */
const ROW_HEIGHT = 37;
const CARD_HEIGHT = 140;

type ListColumn = Column<Miner> & { id: MinerColumn | 'chosen'; sortable: boolean };

/** Nobody knows what it does now, so what it last said is shown as history. */
const isPast = (miner: Miner): boolean => miner.state === 'offline' || miner.state === 'unknown';

/** All miners, however many: filtered and sorted by the server, drawn where one looks. */
export function MinersPage() {
  const words = useWords();
  const { t, format } = words;
  const may = useMay();
  const [view, change] = useView();
  const asCards = useMedia('(max-width: 719.98px)');
  const rowHeight = asCards ? CARD_HEIGHT : ROW_HEIGHT;

  const filters = filterQuery(view).toString();
  const facets = useFacets(filterQuery(view, 'state').toString());
  const selection = useSelection(filters);

  // The number of rows is known only from the rows; until then, of the list before.
  const [lastTotal, setLastTotal] = useState(0);
  const body = useRef<HTMLTableSectionElement>(null);
  const visible = useVisibleRows(body, lastTotal, rowHeight);
  const list = useMinerRows(rowsQuery(view), visible.start, visible.end);
  const waits = list.total === null;
  const total = list.total ?? lastTotal;
  useLayoutEffect(() => setLastTotal(total), [total]);

  const canChange = may('POST /api/fleet/miners/change');
  const cells = useMemo(() => minerCells(words), [words]);
  const columns = useMemo<ListColumn[]>(() => {
    const shown = view.columns.map((id) => ({
      ...cells[id],
      id,
      title: t(`column.${id}`),
      sortable: id !== 'tags',
    }));
    if (!canChange || asCards) return shown;
    const box: ListColumn = {
      id: 'chosen',
      title: <span className="visually-hidden">{t('miners.choose')}</span>,
      sortable: false,
      cell: ({ id, name }) => (
        <input
          type="checkbox"
          aria-label={t('miners.chooseOne', { name })}
          checked={selection.has(id)}
          onChange={() => selection.toggle(id)}
        />
      ),
    };
    return [box, ...shown];
    // A new choice makes new columns: each box must follow it.
  }, [cells, view.columns, canChange, asCards, t, selection.selection]);

  const unfiltered = filters === '';
  return (
    <Page
      title={t('miners.title')}
      beside={
        <span className="muted count" role="status">
          {waits && total === 0 ? '' : t('miners.count', { n: total })}
        </span>
      }
      actions={
        <>
          <ColumnsMenu chosen={view.columns} onChoose={(chosen) => change({ columns: chosen })} />
          <ExportMenu query={rowsQuery(view)} />
        </>
      }
    >
      {!waits && total === 0 && unfiltered ? (
        <EmptyState text={t('miners.empty')} />
      ) : (
        <section className="panel miners-panel" aria-label={t('miners.title')}>
          <MinerFilters view={view} facets={facets.data} asCards={asCards} onChange={change} />
          {!waits && total === 0 ? (
            <p className="empty">
              {t('miners.noneMatch')}{' '}
              <button
                type="button"
                onClick={() => change({ q: '', state: null, lists: {}, retired: false })}
              >
                {t('miners.clear')}
              </button>
            </p>
          ) : (
            <div className="wide">
              <LongTable<Miner, MinerColumn | 'chosen'>
                caption={t('miners.title')}
                className="miners"
                columns={columns}
                body={body}
                count={total}
                visible={{ start: visible.start, end: Math.min(visible.end || 30, total || 12) }}
                rowAt={list.rowAt}
                sort={{ column: view.sort, descending: view.descending }}
                onSort={(column) => {
                  if (column === 'chosen' || column === 'tags') return;
                  const descending =
                    view.sort === column ? !view.descending : startsDescending(column);
                  change({ sort: column, descending });
                }}
                rowHeight={rowHeight}
                isPast={isPast}
                isSelected={(miner) => selection.has(miner.id)}
              />
            </div>
          )}
        </section>
      )}
      {selection.count(total) > 0 ? (
        <BulkBar view={view} selection={selection} total={total} facets={facets.data} />
      ) : list.failed ? (
        <div className="afloat">
          <Notice kind="bad" onRetry={() => void list.failed?.refetch()}>
            {waits
              ? inWords(list.failed.error, t)
              : t('error.stale', {
                  time: format.clock(list.failed.dataUpdatedAt),
                  why: inWords(list.failed.error, t),
                })}
          </Notice>
        </div>
      ) : null}
    </Page>
  );
}

import { useMemo, useState } from 'react';
import type { Miner } from '../../data/miners.ts';
import { useIsAdmin } from '../../data/session.ts';
import type { Site } from '../../data/sites.ts';
import { useWords } from '../../i18n/words.tsx';
import { Table, type Column } from '../../parts/table.tsx';
import { NewSite } from './new-site.tsx';
import { totalsOf } from './totals.ts';

export function SitesPanel({
  sites,
  miners,
}: {
  sites: readonly Site[];
  miners: readonly Miner[];
}) {
  const { t, format } = useWords();
  const isAdmin = useIsAdmin();
  const [creating, setCreating] = useState(false);

  const rows = useMemo(() => {
    const bySite = Map.groupBy(miners, (miner) => miner.site_id);
    return sites.map((site) => ({ ...site, totals: totalsOf(bySite.get(site.id) ?? []) }));
  }, [sites, miners]);

  const columns = useMemo<Column<(typeof rows)[number]>[]>(
    () => [
      { id: 'name', title: t('sites.name'), cell: (site) => site.name },
      { id: 'location', title: t('sites.location'), cell: (site) => site.location ?? '' },
      {
        id: 'miners',
        title: t('sites.miners'),
        align: 'end',
        cell: ({ totals }) => format.count(totals.count),
      },
      {
        id: 'hashing',
        title: t('sites.hashing'),
        align: 'end',
        cell: ({ totals: { count, states } }) => {
          const known = count - states.unknown;
          return known === 0 ? '—' : format.percent(states.hashing / known);
        },
      },
      {
        id: 'hashrate',
        title: t('sites.hashrate'),
        align: 'end',
        cell: ({ totals }) =>
          format.hashrate(totals.hashrate.from === 0 ? null : totals.hashrate.ths),
      },
    ],
    [t, format],
  );

  return (
    <section className="panel" aria-labelledby="sites-title">
      <header>
        <h2 id="sites-title">{t('sites.title')}</h2>
        {isAdmin ? (
          <button type="button" onClick={() => setCreating(true)}>
            {t('sites.create')}
          </button>
        ) : null}
      </header>
      {rows.length === 0 ? (
        <p className="empty">{t('sites.empty')}</p>
      ) : (
        <Table caption={t('sites.title')} className="sites" columns={columns} rows={rows} />
      )}
      {creating ? <NewSite onClose={() => setCreating(false)} /> : null}
    </section>
  );
}

import { useMemo } from 'react';
import { Link } from 'wouter';
import type { Fleet } from '../../data/fleet.ts';
import { useWords } from '../../i18n/words.tsx';
import { Table, type Column } from '../../parts/table.tsx';
import { HashingShare } from '../../parts/totals.tsx';

type Site = Fleet['sites'][number];

/** Sites beside each other. */
export function SitesTable({ sites }: { sites: readonly Site[] }) {
  const { t, format } = useWords();
  const rows = useMemo(
    () =>
      sites
        .map((site) => ({ id: site.id ?? 0, site }))
        .filter(({ id, site }) => id > 0 || site.totals.miners > 0),
    [sites],
  );
  const columns = useMemo<Column<(typeof rows)[number]>[]>(
    () => [
      {
        id: 'name',
        title: t('sites.name'),
        cell: ({ id, site }) =>
          id === 0 ? (
            <span className="muted">{t('agents.noSite')}</span>
          ) : (
            <Link href={`/sites#${id}`}>{site.name}</Link>
          ),
      },
      {
        id: 'miners',
        title: t('sites.miners'),
        align: 'end',
        cell: ({ id, site }) => (
          <Link href={`/miners?site_id=${id}`}>{format.count(site.totals.miners)}</Link>
        ),
      },
      {
        id: 'hashing',
        title: t('sites.hashing'),
        align: 'end',
        cell: ({ site }) => <HashingShare totals={site.totals} />,
      },
      {
        id: 'hashrate',
        title: t('sites.hashrate'),
        align: 'end',
        cell: ({ site }) => format.hashrate(site.totals.hash_rate),
      },
      {
        id: 'power',
        title: t('sum.power'),
        align: 'end',
        cell: ({ site }) => format.power(site.totals.power_consumption),
      },
      {
        id: 'agents',
        title: t('sum.agents'),
        align: 'end',
        cell: ({ site }) =>
          site.silent_agents > 0 ? (
            <span className="bad-text">
              {t('sites.agentsSilent', { silent: site.silent_agents, n: site.agents })}
            </span>
          ) : (
            format.count(site.agents)
          ),
      },
    ],
    [t, format],
  );
  return <Table caption={t('sites.title')} className="sites" columns={columns} rows={rows} />;
}

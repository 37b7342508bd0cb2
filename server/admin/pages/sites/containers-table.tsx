import { useMemo } from 'react';
import { Link } from 'wouter';
import type { ContainerView } from '../../data/fleet.ts';
import { useWords } from '../../i18n/words.tsx';
import { Table, type Column } from '../../parts/table.tsx';
import { HashingShare } from '../../parts/totals.tsx';

export function ContainersTable(props: {
  containers: readonly ContainerView[];
  /** undefined: not for this user. */
  onEdit: ((container: ContainerView) => void) | undefined;
  onDelete: ((container: ContainerView) => void) | undefined;
}) {
  const { t, format } = useWords();
  const { onEdit, onDelete } = props;
  const columns = useMemo<Column<ContainerView>[]>(() => {
    const shown: Column<ContainerView>[] = [
      {
        id: 'name',
        title: t('sites.container'),
        cell: ({ name, description }) => (
          <span className="foreign" title={description ?? undefined}>
            {name}
          </span>
        ),
      },
      { id: 'location', title: t('sites.location'), cell: ({ location }) => location ?? '' },
      {
        id: 'miners',
        title: t('sites.miners'),
        align: 'end',
        cell: ({ id, totals, places }) => (
          <Link href={`/miners?container_id=${id}`}>
            {format.count(totals.miners)}
            {places === null ? '' : ` / ${format.count(places)}`}
          </Link>
        ),
      },
      {
        id: 'hashing',
        title: t('sites.hashing'),
        align: 'end',
        cell: ({ totals }) => <HashingShare totals={totals} />,
      },
      {
        id: 'hashrate',
        title: t('sites.hashrate'),
        align: 'end',
        cell: ({ totals }) => format.hashrate(totals.hash_rate),
      },
      {
        id: 'power',
        title: t('sum.power'),
        align: 'end',
        cell: ({ totals, capacity_w: capacity }) =>
          capacity === null
            ? format.power(totals.power_consumption)
            : `${format.power(totals.power_consumption)} / ${format.power(capacity)}`,
      },
    ];
    if (!onEdit && !onDelete) return shown;
    return [
      ...shown,
      {
        id: 'do',
        title: <span className="visually-hidden">{t('sites.actions')}</span>,
        align: 'end',
        cell: (container) => (
          <span className="links">
            {onEdit ? (
              <button type="button" className="as-link" onClick={() => onEdit(container)}>
                {t('form.edit')}
              </button>
            ) : null}
            {onDelete ? (
              <button type="button" className="as-link" onClick={() => onDelete(container)}>
                {t('sites.delete')}
              </button>
            ) : null}
          </span>
        ),
      },
    ];
  }, [t, format, onEdit, onDelete]);
  return (
    <Table
      caption={t('sites.containers')}
      className="containers"
      columns={columns}
      rows={props.containers}
    />
  );
}

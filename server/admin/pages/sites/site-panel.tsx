import { useState } from 'react';
import { Link } from 'wouter';
import type { ContainerView, SiteView } from '../../data/fleet.ts';
import { useMay } from '../../data/session.ts';
import { useDeleteContainer, useDeleteSite } from '../../data/sites.ts';
import { useWords } from '../../i18n/words.tsx';
import { Confirm } from '../../parts/confirm.tsx';
import { GrafanaLink } from '../../parts/grafana-link.tsx';
import { Figure, Panel } from '../../parts/panel.tsx';
import { States, TotalsFigures } from '../../parts/totals.tsx';
import { ContainersTable } from './containers-table.tsx';
import { PlaceForm } from './place-form.tsx';
import { SiteFacts } from './site-facts.tsx';

type Doing = 'edit' | 'delete' | 'add' | { edit: ContainerView } | { delete: ContainerView };

/** One site, or (id null) what belongs to none. */
export function SitePanel({ site }: { site: SiteView }) {
  const { t, format } = useWords();
  const may = useMay();
  const [doing, setDoing] = useState<Doing | null>(null);
  const close = () => setDoing(null);
  const { id, totals } = site;
  const mayEdit = id !== null && may('PATCH /api/sites/:id');

  return (
    <div id={String(id ?? 0)} className="site">
      <Panel
        title={site.name ?? t('agents.noSite')}
        count={site.location ?? undefined}
        actions={
          <>
            {id === null ? null : (
              <GrafanaLink dashboard="hashyard-fleet" variables={{ site: `site-${id}` }} />
            )}
            {mayEdit ? (
              <>
                <button type="button" onClick={() => setDoing('add')}>
                  {t('sites.addContainer')}
                </button>
                <button type="button" onClick={() => setDoing('edit')}>
                  {t('form.edit')}
                </button>
                <button type="button" className="quiet" onClick={() => setDoing('delete')}>
                  {t('sites.delete')}
                </button>
              </>
            ) : null}
          </>
        }
      >
        {site.description ? (
          <p className="muted padded-sides about-site">{site.description}</p>
        ) : null}
        <div className="summary ruled">
          <Figure
            title={t('sites.miners')}
            value={<Link href={`/miners?site_id=${id ?? 0}`}>{format.count(totals.miners)}</Link>}
          >
            {site.places === null ? null : t('sites.ofPlaces', { n: site.places })}
          </Figure>
          <TotalsFigures totals={totals} />
          <Figure title={t('sum.agents')} value={format.count(site.agents)}>
            {site.agents === 0 && id !== null && may('POST /api/agent/register') ? (
              <Link href={`/agents/new?site=${id}`}>{t('agents.add')}</Link>
            ) : site.silent_agents > 0 ? (
              <span className="bad-text">{t('sum.agentsSilent', { n: site.silent_agents })}</span>
            ) : site.agents > 0 ? (
              t('sum.agentsFine')
            ) : null}
          </Figure>
        </div>
        {totals.miners === 0 ? null : (
          <div className="fleet-states">
            <States totals={totals} filter={`site_id=${id ?? 0}`} />
          </div>
        )}
        <SiteFacts site={site} />
        {site.containers.length === 0 ? null : (
          <ContainersTable
            containers={site.containers}
            onEdit={
              may('PATCH /api/containers/:id')
                ? (container) => setDoing({ edit: container })
                : undefined
            }
            onDelete={
              may('DELETE /api/containers/:id')
                ? (container) => setDoing({ delete: container })
                : undefined
            }
          />
        )}
      </Panel>
      {doing === 'edit' ? <PlaceForm site={site} onClose={close} /> : null}
      {doing === 'add' && id !== null ? (
        <PlaceForm container={null} siteId={id} onClose={close} />
      ) : null}
      {doing === 'delete' && id !== null ? (
        <DeleteSite id={id} name={site.name ?? ''} onClose={close} />
      ) : null}
      {typeof doing === 'object' && doing && 'edit' in doing ? (
        <PlaceForm container={doing.edit} siteId={id} onClose={close} />
      ) : null}
      {typeof doing === 'object' && doing && 'delete' in doing ? (
        <DeleteContainer container={doing.delete} onClose={close} />
      ) : null}
    </div>
  );
}

function DeleteSite(props: { id: number; name: string; onClose: () => void }) {
  const { t } = useWords();
  const change = useDeleteSite(props.id);
  return (
    <Confirm
      title={t('sites.deleteTitle', { name: props.name })}
      action={t('sites.delete')}
      change={change}
      onClose={props.onClose}
    >
      <p>{t('sites.deleteWhat')}</p>
    </Confirm>
  );
}

function DeleteContainer(props: { container: ContainerView; onClose: () => void }) {
  const { t } = useWords();
  const change = useDeleteContainer(props.container.id);
  return (
    <Confirm
      title={t('sites.deleteTitle', { name: props.container.name })}
      action={t('sites.delete')}
      change={change}
      onClose={props.onClose}
    >
      <p>{t('sites.deleteContainerWhat')}</p>
    </Confirm>
  );
}

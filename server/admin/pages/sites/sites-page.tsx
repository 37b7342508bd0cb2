import { useEffect, useState } from 'react';
import { useSiteViews } from '../../data/fleet.ts';
import { useMay } from '../../data/session.ts';
import { useWords } from '../../i18n/words.tsx';
import { EmptyState } from '../../parts/empty-state.tsx';
import { Loaded } from '../../parts/loaded.tsx';
import { Page } from '../../parts/page.tsx';
import { NewSite } from './new-site.tsx';
import { SitePanel } from './site-panel.tsx';

/** Sites, and the containers in them. */
export function SitesPage() {
  const { t } = useWords();
  const may = useMay();
  const sites = useSiteViews();
  const [creating, setCreating] = useState(false);
  const loaded = sites.data !== undefined;

  // "/sites#3" is where the browser cannot scroll to before the sites are there.
  useEffect(() => {
    if (loaded) document.querySelector(`[id="${location.hash.slice(1)}"]`)?.scrollIntoView();
  }, [loaded]);

  const create = may('POST /api/sites') ? (
    <button type="button" className="primary" onClick={() => setCreating(true)}>
      {t('sites.create')}
    </button>
  ) : null;
  return (
    <Page title={t('sites.title')} actions={create}>
      <Loaded query={sites} still={[260]}>
        {(list) =>
          list.length === 0 ? (
            <EmptyState text={t('sites.emptyWhy')}>{create}</EmptyState>
          ) : (
            list.map((site) => <SitePanel key={site.id ?? 0} site={site} />)
          )
        }
      </Loaded>
      {creating ? <NewSite onClose={() => setCreating(false)} /> : null}
    </Page>
  );
}

import { inWords } from '../../api.ts';
import { useAgents } from '../../data/agents.ts';
import { useMiners } from '../../data/miners.ts';
import { useSites } from '../../data/sites.ts';
import { useWords } from '../../i18n/words.tsx';
import { Page } from '../../parts/page.tsx';
import { Notice } from '../../parts/notice.tsx';
import { SitesPanel } from '../sites/sites-page.tsx';
import { Start } from './start.tsx';
import { Summary } from './summary.tsx';

/** The first page: the fleet now, sites, agents, miners. An empty system shows the way instead. */
export function Overview() {
  const { t, format } = useWords();
  const sites = useSites();
  const agents = useAgents();
  const miners = useMiners();

  const failed = [sites, agents, miners].find((query) => query.isError);
  const retry = () => {
    for (const query of [sites, agents, miners]) if (query.isError) void query.refetch();
  };
  // Agents are not for every reader; for those, the query is never asked.
  const all =
    sites.data && miners.data && (agents.data || agents.fetchStatus === 'idle')
      ? { sites: sites.data, agents: agents.data ?? null, miners: miners.data }
      : null;

  return (
    <Page title={t('nav.overview')}>
      {all ? (
        <>
          {all.miners.length === 0 && all.agents ? (
            <Start sites={all.sites.length} agents={all.agents.length} />
          ) : (
            <Summary miners={all.miners} agents={all.agents} />
          )}
          <SitesPanel sites={all.sites} miners={all.miners} />
        </>
      ) : failed ? null : (
        <Skeleton />
      )}
      {failed ? (
        <div className="afloat">
          <Notice kind="bad" onRetry={retry}>
            {failed.data === undefined
              ? inWords(failed.error, t)
              : t('error.stale', {
                  time: format.clock(failed.dataUpdatedAt),
                  why: inWords(failed.error, t),
                })}
          </Notice>
        </div>
      ) : null}
    </Page>
  );
}

function Skeleton() {
  const { t } = useWords();
  return (
    <div className="skeleton" role="status" aria-label={t('app.loading')}>
      <div className="panel summary" />
      <div className="panel tall" />
    </div>
  );
}

import { inWords } from '../../api.ts';
import { useAgents } from '../../data/agents.ts';
import { useMiners } from '../../data/miners.ts';
import { useSites } from '../../data/sites.ts';
import { useWords } from '../../i18n/words.tsx';
import { Notice } from '../../parts/notice.tsx';
import { AgentsPanel } from './agents-panel.tsx';
import { MinersPanel } from './miners-panel.tsx';
import { SitesPanel } from './sites-panel.tsx';
import { Start } from './start.tsx';
import { Summary } from './summary.tsx';

/** The first page: the fleet now, sites, agents, miners. An empty system shows the way instead. */
export function Home() {
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
    <div className="home">
      {all ? (
        <>
          {all.miners.length === 0 && all.agents ? (
            <Start sites={all.sites.length} agents={all.agents.length} />
          ) : (
            <Summary miners={all.miners} agents={all.agents} />
          )}
          <div className="pair">
            <SitesPanel sites={all.sites} miners={all.miners} />
            {all.agents ? <AgentsPanel agents={all.agents} /> : null}
          </div>
          <MinersPanel miners={all.miners} sites={all.sites} />
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
    </div>
  );
}

function Skeleton() {
  const { t } = useWords();
  return (
    <div className="skeleton" role="status" aria-label={t('app.loading')}>
      <div className="panel summary" />
      <div className="pair">
        <div className="panel" />
        <div className="panel" />
      </div>
      <div className="panel tall" />
    </div>
  );
}

import { Link } from 'wouter';
import { useFleet, type Fleet } from '../../data/fleet.ts';
import { useMay } from '../../data/session.ts';
import { useWords } from '../../i18n/words.tsx';
import { Ago } from '../../parts/ago.tsx';
import { GrafanaLink } from '../../parts/grafana-link.tsx';
import { Loaded } from '../../parts/loaded.tsx';
import { Page } from '../../parts/page.tsx';
import { Figure, Panel } from '../../parts/panel.tsx';
import { StateBadge } from '../../parts/state-badge.tsx';
import { States, TotalsFigures } from '../../parts/totals.tsx';
import { CauseLinks } from '../problems/cause-links.tsx';
import { ProblemList } from '../problems/problem-list.tsx';
import { SitesTable } from './sites-table.tsx';
import { Start } from './start.tsx';

/** The fleet now, what is wrong with it, its sites. An empty system shows the way instead. */
export function Overview() {
  const { t } = useWords();
  const fleet = useFleet();
  return (
    <Page
      title={t('nav.overview')}
      actions={<GrafanaLink dashboard="hashyard-fleet" variables={{}} />}
    >
      <Loaded query={fleet} still={[170, 260]}>
        {(now) => <Now fleet={now} />}
      </Loaded>
    </Page>
  );
}

function Now({ fleet }: { fleet: Fleet }) {
  const { t, format } = useWords();
  const may = useMay();
  const { totals, agents, problems } = fleet;
  const sites = fleet.sites.filter(({ id }) => id !== null);
  if (totals.miners === 0 && may('GET /api/agents')) {
    return (
      <>
        <Start sites={sites.length} agents={agents.total} />
        {sites.length === 0 ? null : (
          <Panel title={t('sites.title')}>
            <SitesTable sites={sites} />
          </Panel>
        )}
      </>
    );
  }
  const online = agents.total - agents.silent;
  return (
    <>
      <section className="panel" aria-label={t('sum.title')}>
        <div className="summary">
          <TotalsFigures totals={totals} algorithms={fleet.algorithms} />
          <Figure
            title={t('nav.problems')}
            value={<Link href="/problems">{format.count(problems.unacknowledged)}</Link>}
          >
            {problems.open > problems.unacknowledged
              ? t('problems.acknowledgedToo', { n: problems.open - problems.unacknowledged })
              : problems.open === 0
                ? t('problems.allWell')
                : t('problems.unacknowledged')}
          </Figure>
          <Figure
            title={t('sum.agents')}
            value={t('sum.agentsOnline', { online, all: agents.total })}
          >
            <span className={agents.silent > 0 ? 'bad-text' : ''}>
              {agents.silent > 0
                ? t('sum.agentsSilent', { n: agents.silent })
                : t('sum.agentsFine')}
            </span>
          </Figure>
        </div>
        <div className="fleet-states">
          <States totals={totals} filter="" />
        </div>
      </section>
      <div className="columns">
        <Panel
          title={t('problems.newest')}
          actions={
            <Link className="button" href="/problems">
              {t('problems.all')}
            </Link>
          }
        >
          <CauseLinks causes={problems.by_cause} />
          {problems.newest.length === 0 ? (
            <p className="empty">{t('problems.allWell')}</p>
          ) : (
            <ProblemList problems={problems.newest} />
          )}
        </Panel>
        <div className="stack">
          <Panel title={t('sites.title')}>
            <SitesTable sites={fleet.sites} />
          </Panel>
          {fleet.silent_agents.length === 0 ? null : (
            <Panel title={t('sum.silentAgents')}>
              <ul className="entries">
                {fleet.silent_agents.map((agent) => (
                  <li key={agent.id}>
                    <div>
                      <Link className="foreign" href={`/agents/${agent.id}`}>
                        {agent.name}
                      </Link>
                    </div>
                    {agent.last_seen === null ? (
                      <StateBadge tone="warn">{t('agents.waiting')}</StateBadge>
                    ) : (
                      <Ago at={agent.last_seen} />
                    )}
                  </li>
                ))}
              </ul>
            </Panel>
          )}
        </div>
      </div>
    </>
  );
}

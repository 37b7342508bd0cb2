import { useMemo } from 'react';
import { Link } from 'wouter';
import { agentState, type Agent, type AgentState } from '../../data/agents.ts';
import { useIsAdmin } from '../../data/session.ts';
import { useWords } from '../../i18n/words.tsx';
import { Ago } from '../../parts/ago.tsx';
import { StateBadge, type Tone } from '../../parts/state-badge.tsx';
import { Table, type Column } from '../../parts/table.tsx';

const TONES: Record<AgentState, Tone> = {
  silent: 'bad',
  waiting: 'warn',
  online: 'good',
  off: 'idle',
};
const WORST_FIRST = Object.keys(TONES);

export function AgentsPanel({ agents }: { agents: readonly Agent[] }) {
  const { t, format } = useWords();
  const isAdmin = useIsAdmin();

  const rows = useMemo(() => {
    const withState = agents.map((agent) => ({ ...agent, state: agentState(agent) }));
    const rank = (state: AgentState) => WORST_FIRST.indexOf(state);
    return withState.sort((a, b) => rank(a.state) - rank(b.state) || a.name.localeCompare(b.name));
  }, [agents]);

  const columns = useMemo<Column<(typeof rows)[number]>[]>(() => {
    const why: Partial<Record<AgentState, string>> = {
      silent: t('agents.silentWhy'),
      waiting: t('agents.neverWhy'),
    };
    return [
      {
        id: 'state',
        title: t('agents.state'),
        cell: ({ state }) => (
          <StateBadge tone={TONES[state]} {...(why[state] && { why: why[state] })}>
            {t(`agents.${state}`)}
          </StateBadge>
        ),
      },
      {
        id: 'name',
        title: t('agents.name'),
        cell: ({ name, report }) => (
          <span
            className="foreign"
            title={
              report?.version
                ? `${name} · ${t('agents.version', { version: report.version })}`
                : name
            }
          >
            {name}
          </span>
        ),
      },
      {
        id: 'site',
        title: t('agents.site'),
        cell: (agent) => agent.site_name ?? <span className="muted">{t('agents.noSite')}</span>,
      },
      {
        id: 'seen',
        title: t('agents.lastSeen'),
        cell: (agent) =>
          agent.last_seen === null ? t('agents.never') : <Ago at={agent.last_seen} />,
      },
      {
        id: 'miners',
        title: t('agents.miners'),
        align: 'end',
        cell: (agent) => format.count(agent.miner_count),
      },
      {
        id: 'backlog',
        title: t('agents.backlog'),
        align: 'end',
        cell: (agent) => <Backlog report={agent.report} />,
      },
    ];
  }, [t, format]);

  return (
    <section className="panel" aria-labelledby="agents-title">
      <header>
        <h2 id="agents-title">{t('agents.title')}</h2>
        {isAdmin ? (
          <Link className="button" href="/agents/new">
            {t('top.registerAgent')}
          </Link>
        ) : null}
      </header>
      {rows.length === 0 ? (
        <p className="empty">{isAdmin ? t('agents.empty') : t('agents.emptyForReader')}</p>
      ) : (
        <Table caption={t('agents.title')} className="agents" columns={columns} rows={rows} />
      )}
    </section>
  );
}

/** What the agent still holds; one that says nothing is not taken for one that holds nothing. */
function Backlog({ report }: { report: Agent['report'] }) {
  const { t, format } = useWords();
  const backlog = report?.backlog;
  if (!backlog) return <span title={t('agents.backlogUnknown')}>—</span>;
  if (backlog.batches === 0) return <span className="muted">{t('agents.backlogNone')}</span>;
  return (
    <span
      title={
        backlog.oldest === null
          ? undefined
          : t('agents.backlogOldest', { time: format.exact(backlog.oldest) })
      }
    >
      {t('agents.backlogBatches', { n: backlog.batches })}
    </span>
  );
}

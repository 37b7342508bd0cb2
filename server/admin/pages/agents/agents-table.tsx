import { useMemo } from 'react';
import { Link } from 'wouter';
import type { Agent } from '../../data/agents.ts';
import { useWords } from '../../i18n/words.tsx';
import { Ago } from '../../parts/ago.tsx';
import { Table, type Column } from '../../parts/table.tsx';
import { AgentBadge, agentRank } from './agent-badge.tsx';

/** Agents, those to look after first. */
export function AgentsTable({ agents }: { agents: readonly Agent[] }) {
  const { t, format } = useWords();

  const rows = useMemo(
    () => agents.toSorted((a, b) => agentRank(a) - agentRank(b) || a.name.localeCompare(b.name)),
    [agents],
  );
  const columns = useMemo<Column<Agent>[]>(
    () => [
      { id: 'state', title: t('agents.state'), cell: (agent) => <AgentBadge agent={agent} /> },
      {
        id: 'name',
        title: t('agents.name'),
        cell: ({ id, name }) => (
          <Link className="foreign row-link" href={`/agents/${id}`} title={name}>
            {name}
          </Link>
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
        cell: ({ ingest }) => <Backlog backlog={ingest.backlog} />,
      },
      {
        id: 'lost',
        title: t('agents.lost'),
        align: 'end',
        cell: ({ ingest: { gaps, quarantine } }) =>
          gaps.samples + quarantine.held === 0 ? (
            <span className="muted">0</span>
          ) : (
            <span
              title={t('agents.lostWhy', {
                lost: gaps.samples,
                aside: quarantine.held,
              })}
            >
              {format.count(gaps.samples + quarantine.held)}
            </span>
          ),
      },
      {
        id: 'version',
        title: t('agents.versionColumn'),
        cell: ({ report }) => report?.version ?? '—',
      },
    ],
    [t, format],
  );
  return <Table caption={t('agents.title')} className="agents" columns={columns} rows={rows} />;
}

/** What the agent still holds; one that says nothing is not taken for one that holds nothing. */
function Backlog({ backlog }: { backlog: Agent['ingest']['backlog'] }) {
  const { t, format } = useWords();
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

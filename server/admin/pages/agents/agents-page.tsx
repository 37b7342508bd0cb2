import { Link } from 'wouter';
import { useAgents } from '../../data/agents.ts';
import { useMay } from '../../data/session.ts';
import { useWords } from '../../i18n/words.tsx';
import { EmptyState } from '../../parts/empty-state.tsx';
import { Loaded } from '../../parts/loaded.tsx';
import { Page } from '../../parts/page.tsx';
import { AgentsTable } from './agents-table.tsx';

export function AgentsPage() {
  const { t } = useWords();
  const agents = useAgents();
  const may = useMay();
  const add = may('POST /api/agent/register') ? (
    <Link className="button primary" href="/agents/new">
      {t('agents.add')}
    </Link>
  ) : null;
  return (
    <Page title={t('agents.title')} actions={add}>
      <Loaded query={agents} still={[320]}>
        {(list) =>
          list.length === 0 ? (
            <EmptyState text={add ? t('agents.empty') : t('agents.emptyForReader')}>
              {add}
            </EmptyState>
          ) : (
            <div className="panel">
              <AgentsTable agents={list} />
            </div>
          )
        }
      </Loaded>
    </Page>
  );
}

import { Link } from 'wouter';
import { agentState, useAgent, type Agent } from '../../data/agents.ts';
import { useScan } from '../../data/scan.ts';
import { useMay } from '../../data/session.ts';
import { useWords } from '../../i18n/words.tsx';
import { Loaded } from '../../parts/loaded.tsx';
import { Notice } from '../../parts/notice.tsx';
import { Page } from '../../parts/page.tsx';
import { Arrival } from '../add-agent/arrival.tsx';
import { InstallGuide } from '../add-agent/install-guide.tsx';
import { AgentBadge } from '../agents/agent-badge.tsx';
import { AgentFigures } from './agent-figures.tsx';
import { Delivery } from './delivery.tsx';
import { ScanPanel } from './scan-panel.tsx';

export function AgentPage({ id }: { id: number }) {
  const { t } = useWords();
  const agent = useAgent(id);
  return (
    <Page
      title={agent.data?.name ?? t('agents.title')}
      trail={<Link href="/agents">{t('nav.agents')}</Link>}
      beside={agent.data ? <AgentBadge agent={agent.data} /> : null}
    >
      <Loaded query={agent} still={[114, 220]}>
        {(loaded) => <Body agent={loaded} />}
      </Loaded>
    </Page>
  );
}

function Body({ agent }: { agent: Agent }) {
  const { t } = useWords();
  const may = useMay();
  const scan = useScan(agent.id, agent.ingest.scan !== null);
  const state = agentState(agent);
  return (
    <>
      <p className="muted about">
        {agent.site_name ?? t('agents.noSite')}
        {agent.description ? ` · ${agent.description}` : ''}
      </p>
      {state === 'silent' ? <Notice kind="bad">{t('agent.silentHelp')}</Notice> : null}
      {state === 'waiting' ? (
        <>
          {may('GET /api/install') ? (
            <section className="panel padded" aria-labelledby="install-title">
              <h2 id="install-title">{t('reg.install')}</h2>
              <InstallGuide apiKey={null} />
            </section>
          ) : null}
          <Arrival agentId={agent.id} />
        </>
      ) : (
        <>
          <AgentFigures agent={agent} />
          <Delivery agent={agent} />
          <ScanPanel agentId={agent.id} scan={scan.data ?? null} />
        </>
      )}
    </>
  );
}

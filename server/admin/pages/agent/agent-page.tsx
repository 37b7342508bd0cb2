import { useState } from 'react';
import { Link } from 'wouter';
import { agentState, useAgentDetail, type Agent, type AgentDetail } from '../../data/agents.ts';
import { useMay } from '../../data/session.ts';
import { useSiteZone } from '../../data/sites.ts';
import { useWords } from '../../i18n/words.tsx';
import { Loaded } from '../../parts/loaded.tsx';
import { Notice } from '../../parts/notice.tsx';
import { Page } from '../../parts/page.tsx';
import { Panel } from '../../parts/panel.tsx';
import { PlaceZone } from '../../parts/place-zone.ts';
import { Arrival } from '../add-agent/arrival.tsx';
import { InstallGuide } from '../add-agent/install-guide.tsx';
import { AgentBadge } from '../agents/agent-badge.tsx';
import { ProblemList } from '../problems/problem-list.tsx';
import { AgentFigures } from './agent-figures.tsx';
import { Delivery } from './delivery.tsx';
import { EditAgent } from './edit-agent.tsx';
import { Gaps } from './gaps.tsx';
import { Keys } from './keys.tsx';
import { RetireAgent } from './retire-agent.tsx';
import { ScanPanel } from './scan-panel.tsx';

export function AgentPage({ id }: { id: number }) {
  const { t } = useWords();
  const detail = useAgentDetail(id);
  const agent = detail.data?.agent;
  const zone = useSiteZone(agent?.site_id ?? null);
  return (
    <PlaceZone value={zone}>
      <Page
        title={agent?.name ?? t('agents.title')}
        trail={<Link href="/agents">{t('nav.agents')}</Link>}
        beside={agent ? <AgentBadge agent={agent} /> : null}
        actions={agent ? <Actions agent={agent} /> : null}
      >
        <Loaded query={detail} still={[114, 220]}>
          {(loaded) => <Body detail={loaded} />}
        </Loaded>
      </Page>
    </PlaceZone>
  );
}

function Actions({ agent }: { agent: Agent }) {
  const { t } = useWords();
  const may = useMay();
  const [doing, setDoing] = useState<'edit' | 'retire' | null>(null);
  const close = () => setDoing(null);
  return (
    <>
      {may('PATCH /api/agents/:id') ? (
        <button type="button" onClick={() => setDoing('edit')}>
          {t('agent.edit')}
        </button>
      ) : null}
      {may('POST /api/agents/:id/retire') ? (
        <button type="button" className="quiet" onClick={() => setDoing('retire')}>
          {t(agent.is_active ? 'agent.retire' : 'agent.restore')}
        </button>
      ) : null}
      {doing === 'edit' ? <EditAgent agent={agent} onClose={close} /> : null}
      {doing === 'retire' ? <RetireAgent agent={agent} onClose={close} /> : null}
    </>
  );
}

function Body({ detail }: { detail: AgentDetail }) {
  const { t } = useWords();
  const may = useMay();
  const { agent, problems } = detail;
  const state = agentState(agent);
  const own = problems.filter(({ miner }) => miner === null);
  const ofMiners = problems.length - own.length;
  return (
    <>
      <p className="muted about">
        {agent.site_id === null ? (
          t('agents.noSite')
        ) : (
          <Link href={`/sites#${agent.site_id}`}>{agent.site_name}</Link>
        )}
        {agent.description ? ` · ${agent.description}` : ''}
      </p>
      {state === 'silent' ? <Notice kind="bad">{t('agent.silentHelp')}</Notice> : null}
      {state === 'off' ? <Notice kind="info">{t('agent.isRetired')}</Notice> : null}
      {state === 'waiting' ? (
        <>
          {may('GET /api/install') ? (
            <section className="panel padded" aria-labelledby="install-title">
              <h2 id="install-title">{t('reg.install')}</h2>
              <InstallGuide apiKey={null} />
            </section>
          ) : null}
          <Keys agentId={agent.id} keys={detail.keys} />
          <Arrival agentId={agent.id} />
        </>
      ) : (
        <>
          <AgentFigures detail={detail} />
          {problems.length === 0 ? null : (
            <Panel
              title={t('nav.problems')}
              actions={
                ofMiners === 0 ? null : (
                  <Link className="button" href={`/problems?agent_id=${agent.id}`}>
                    {t('agent.problemsOfMiners', { n: ofMiners })}
                  </Link>
                )
              }
            >
              {own.length === 0 ? (
                <p className="empty">{t('agent.noProblems')}</p>
              ) : (
                <ProblemList problems={own} />
              )}
            </Panel>
          )}
          <Delivery agent={agent} />
          <Gaps gaps={detail.gaps} />
          <ScanPanel agentId={agent.id} scan={detail.scan} />
          <Keys agentId={agent.id} keys={detail.keys} />
        </>
      )}
    </>
  );
}

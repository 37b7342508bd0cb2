import type { ReactNode } from 'react';
import type { Agent } from '../../data/agents.ts';
import { useWords } from '../../i18n/words.tsx';
import { Ago } from '../../parts/ago.tsx';
import { Panel } from '../../parts/panel.tsx';
import { StateBadge, type Tone } from '../../parts/state-badge.tsx';

/** What of this agent's samples did not arrive, and why: each kind with what is to be done about it. */
export function Delivery({ agent }: { agent: Agent }) {
  const { t, format } = useWords();
  const { gaps, quarantine, pending, queue, refusals } = agent.ingest;
  return (
    <Panel title={t('agent.delivery')}>
      <ul className="ledger">
        <Entry
          tone={gaps.samples > 0 ? 'bad' : 'good'}
          title={t('agent.gaps')}
          value={t('agent.samples', { n: gaps.samples })}
          why={t(gaps.samples > 0 ? 'agent.gapsWhy' : 'agent.gapsNone')}
        >
          {gaps.last_at === null ? null : <Ago at={gaps.last_at} />}
        </Entry>
        <Entry
          tone={quarantine.held > 0 ? 'warn' : 'good'}
          title={t('agent.quarantine')}
          value={t('agent.samples', { n: quarantine.held })}
          why={t(quarantine.held > 0 ? 'agent.quarantineWhy' : 'agent.quarantineNone')}
        >
          {quarantine.held > 0 ? (
            <a href={`/api/ingest/quarantine/download?agent_id=${agent.id}`} download>
              {t('agent.download')}
            </a>
          ) : null}
        </Entry>
        {pending.syncs > 0 ? (
          <Entry
            tone="warn"
            title={t('agent.pending')}
            value={t('agent.samples', { n: pending.samples })}
            why={t('agent.pendingWhy')}
          >
            {pending.oldest === null ? null : <Ago at={pending.oldest} />}
          </Entry>
        ) : null}
        {queue === null ? null : (
          <Entry
            tone={queue.state === 'disk' ? 'good' : 'bad'}
            title={t('agent.queue')}
            value={t(queue.state === 'disk' ? 'agent.onDisk' : 'agent.inMemory')}
            why={t(queue.state === 'disk' ? 'agent.onDiskWhy' : 'agent.inMemoryWhy')}
          >
            {queue.dead + queue.damaged > 0
              ? t('agent.setAside', { dead: queue.dead, damaged: queue.damaged })
              : null}
            {queue.last_error === null ? null : <code>{queue.last_error}</code>}
          </Entry>
        )}
        {refusals.map((refusal) => (
          <Entry
            key={refusal.code}
            tone="warn"
            title={t('agent.refused')}
            value={format.count(refusal.count)}
            why={refusal.last_detail}
          >
            <code>{refusal.code}</code> · <Ago at={refusal.last_at} />
          </Entry>
        ))}
      </ul>
    </Panel>
  );
}

function Entry(props: {
  tone: Tone;
  title: string;
  value: string;
  why: string;
  children: ReactNode;
}) {
  return (
    <li>
      <StateBadge tone={props.tone}>{props.title}</StateBadge>
      <b>{props.value}</b>
      <span className="muted foreign">{props.why}</span>
      <span className="end">{props.children}</span>
    </li>
  );
}

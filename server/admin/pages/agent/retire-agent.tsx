import { useRestoreAgent, useRetireAgent, type Agent } from '../../data/agents.ts';
import { useWords } from '../../i18n/words.tsx';
import { Confirm } from '../../parts/confirm.tsx';

/** Takes an agent out of service, or back into it. */
export function RetireAgent({ agent, onClose }: { agent: Agent; onClose: () => void }) {
  const { t } = useWords();
  const retire = useRetireAgent(agent.id);
  const restore = useRestoreAgent(agent.id);
  const active = agent.is_active;
  return (
    <Confirm
      title={t(active ? 'agent.retireTitle' : 'agent.restoreTitle', { name: agent.name })}
      action={t(active ? 'agent.retire' : 'agent.restore')}
      change={active ? retire : restore}
      onClose={onClose}
    >
      <p>{t(active ? 'agent.retireWhat' : 'agent.restoreWhat')}</p>
    </Confirm>
  );
}

import { inWords } from '../../api.ts';
import { useAgents } from '../../data/agents.ts';
import { useWords } from '../../i18n/words.tsx';
import { Ago } from '../../parts/ago.tsx';

const EVERY_MS = 2_000;

/** Waits for the agent's first contact, turns green, and goes on counting the miners it finds. */
export function Arrival({ agentId }: { agentId: number }) {
  const { t } = useWords();
  const agents = useAgents({ everyMs: EVERY_MS });
  const agent = agents.data?.find(({ id }) => id === agentId);
  const seen = agent?.last_seen ?? null;

  if (agents.isError) {
    return (
      <p className="arrival afloat bad" role="status">
        {inWords(agents.error, t)}
      </p>
    );
  }
  if (agent === undefined || seen === null) {
    return (
      <div className="arrival afloat waiting" role="status">
        <i aria-hidden="true" />
        <p>
          <b>{t('reg.waiting')}</b>
          <br />
          <span className="muted">{t('reg.waitingFor')}</span>
        </p>
      </div>
    );
  }
  return (
    <div className="arrival afloat good" role="status">
      <i aria-hidden="true" />
      <p>
        <b>{t('reg.arrived')}</b> · <Ago at={seen} />
        <br />
        {agent.miner_count === 0 ? t('reg.foundNone') : t('reg.found', { n: agent.miner_count })}
      </p>
    </div>
  );
}

import { agentState, type Agent, type AgentState } from '../../data/agents.ts';
import { useWords } from '../../i18n/words.tsx';
import { StateBadge, type Tone } from '../../parts/state-badge.tsx';

const TONES: Record<AgentState, Tone> = {
  silent: 'bad',
  waiting: 'warn',
  online: 'good',
  off: 'idle',
};
const WHY = {
  silent: 'agents.silentWhy',
  waiting: 'agents.neverWhy',
  online: 'agents.onlineWhy',
  off: 'agents.offWhy',
} as const;
const WORST_FIRST = Object.keys(TONES);

/** From silent to switched off: the order of lists. */
export const agentRank = (agent: Agent): number => WORST_FIRST.indexOf(agentState(agent));

export function AgentBadge({ agent }: { agent: Agent }) {
  const { t } = useWords();
  const state = agentState(agent);
  return (
    <StateBadge tone={TONES[state]} why={t(WHY[state])}>
      {t(`agents.${state}`)}
    </StateBadge>
  );
}

import type { AgentDetail } from '../../data/agents.ts';
import { useWords } from '../../i18n/words.tsx';
import { Panel } from '../../parts/panel.tsx';

const REASONS = ['age', 'bytes', 'disk', 'damaged', 'refused', 'memory'] as const;

/** The losses the agent has named: from when to when, how much, why. */
export function Gaps({ gaps }: { gaps: AgentDetail['gaps'] }) {
  const { t, format } = useWords();
  if (gaps.length === 0) return null;
  return (
    <Panel title={t('agent.gapList')}>
      <ul className="entries">
        {gaps.map((gap) => {
          const reason = REASONS.find((one) => one === gap.reason);
          return (
            <li key={gap.gap_id}>
              <div>
                <span title={`${format.exact(gap.from)}\n${format.exact(gap.to)}`}>
                  {format.moment(gap.from)} – {format.moment(gap.to)}
                </span>
                <span className="sub muted">{reason ? t(`gap.${reason}`) : gap.reason}</span>
              </div>
              <span>{t('agent.samples', { n: gap.samples })}</span>
            </li>
          );
        })}
      </ul>
    </Panel>
  );
}

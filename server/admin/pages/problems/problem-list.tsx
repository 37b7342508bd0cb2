import { Link } from 'wouter';
import type { ProblemView } from '../../data/problems.ts';
import { useWords } from '../../i18n/words.tsx';
import { Ago } from '../../parts/ago.tsx';
import { StateBadge } from '../../parts/state-badge.tsx';
import { detailOf } from './cause-words.ts';

/** What is wrong, with whom, since when. `onAcknowledge` undefined: only to be read. */
export function ProblemList(props: {
  problems: readonly ProblemView[];
  onAcknowledge?: (problem: ProblemView) => void;
  chosen?: ReadonlySet<ProblemView['id']>;
  onChoose?: (problem: ProblemView) => void;
}) {
  const { t, format } = useWords();
  const { chosen, onChoose, onAcknowledge } = props;
  return (
    <ul className="entries problems">
      {props.problems.map((problem) => {
        const { id, cause, severity, miner, agent, site, acknowledged } = problem;
        const detail = detailOf(problem, { t, format });
        return (
          <li key={id} className={acknowledged ? 'past' : undefined}>
            <div>
              {onChoose ? (
                <input
                  type="checkbox"
                  aria-label={t('problems.choose', { what: t(`cause.${cause}`) })}
                  checked={chosen?.has(id) ?? false}
                  onChange={() => onChoose(problem)}
                />
              ) : null}
              <div>
                <StateBadge
                  tone={severity === 'critical' ? 'bad' : 'warn'}
                  why={t(`cause.${cause}What`)}
                >
                  {t(`cause.${cause}`)}
                </StateBadge>{' '}
                {miner ? (
                  <Link className="foreign" href={`/miners/${miner.id}`}>
                    {miner.name}
                  </Link>
                ) : agent ? (
                  <Link className="foreign" href={`/agents/${agent.id}`}>
                    {agent.name}
                  </Link>
                ) : (
                  t('problems.server')
                )}
                <span className="muted foreign sub">
                  {[site?.name, detail].filter(Boolean).join(' · ')}
                </span>
                {acknowledged ? (
                  <span className="sub muted foreign">
                    {t('problems.acknowledgedBy', { by: acknowledged.by })}{' '}
                    <Ago at={acknowledged.at} />
                    {acknowledged.note ? `: ${acknowledged.note}` : ''}
                  </span>
                ) : null}
              </div>
            </div>
            <div className="problem-end">
              <span className="muted">
                <Ago at={problem.since} />
              </span>
              {onAcknowledge ? (
                <button type="button" onClick={() => onAcknowledge(problem)}>
                  {t(acknowledged ? 'problems.takeBack' : 'problems.acknowledge')}
                </button>
              ) : null}
            </div>
          </li>
        );
      })}
    </ul>
  );
}

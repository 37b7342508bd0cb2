import { useState } from 'react';
import { useLocation, useSearch } from 'wouter';
import { inWords } from '../../api.ts';
import { CAUSES, useAcknowledge, useProblems, type ProblemView } from '../../data/problems.ts';
import { useMay } from '../../data/session.ts';
import { useWords } from '../../i18n/words.tsx';
import { Ago } from '../../parts/ago.tsx';
import { Choice } from '../../parts/choice.tsx';
import { Loaded } from '../../parts/loaded.tsx';
import { Notice } from '../../parts/notice.tsx';
import { Page } from '../../parts/page.tsx';
import { Acknowledge } from './acknowledge.tsx';
import { ProblemList } from './problem-list.tsx';

const SHOWN = ['no', 'yes', 'any'] as const;
const PAGE = 200;

/** What is wrong now: by cause, unacknowledged first. The filter stands in the address. */
export function ProblemsPage() {
  const { t, format } = useWords();
  const may = useMay();
  const [, navigate] = useLocation();
  const query = new URLSearchParams(useSearch());
  const cause = CAUSES.find((one) => one === query.get('cause')) ?? null;
  const shown = SHOWN.find((one) => one === query.get('acknowledged')) ?? 'no';
  const asked = new URLSearchParams(query);
  if (shown === 'any') asked.delete('acknowledged');
  else asked.set('acknowledged', shown);
  asked.set('limit', String(PAGE));
  const problems = useProblems(asked.toString());
  const takeBack = useAcknowledge();
  const [chosen, setChosen] = useState<ReadonlySet<ProblemView['id']>>(new Set());
  const [acknowledging, setAcknowledging] = useState<ProblemView['id'][] | null>(null);
  const mayAcknowledge = may('POST /api/problems/acknowledge');

  const go = (name: string, value: string | null) => {
    const next = new URLSearchParams(query);
    if (value === null) next.delete(name);
    else next.set(name, value);
    setChosen(new Set());
    navigate(`/problems${next.size > 0 ? `?${next}` : ''}`, { replace: true });
  };
  const onAcknowledge = (problem: ProblemView) => {
    if (problem.acknowledged) takeBack.mutate({ ids: [problem.id], note: null });
    else setAcknowledging([problem.id]);
  };
  const onChoose = ({ id }: ProblemView) => {
    const next = new Set(chosen);
    if (!next.delete(id)) next.add(id);
    setChosen(next);
  };

  return (
    <Page
      title={t('nav.problems')}
      beside={
        problems.data?.checked_at ? (
          <span className="muted">
            {t('problems.checked')} <Ago at={problems.data.checked_at} />
          </span>
        ) : null
      }
      actions={
        <Choice
          label={t('problems.which')}
          value={shown}
          options={SHOWN.map((value) => ({ value, text: t(`problems.${value}`) }))}
          onChoose={(value) => go('acknowledged', value === 'no' ? null : value)}
        />
      }
    >
      <Loaded query={problems} still={[420]}>
        {({ by_cause, problems: list, total }) => (
          <div className="panel">
            <div className="tools causes" role="group" aria-label={t('problems.cause')}>
              <button
                type="button"
                className="chip"
                aria-pressed={cause === null}
                onClick={() => go('cause', null)}
              >
                {t('miners.allStates')}
              </button>
              {by_cause.map((one) => (
                <button
                  key={one.cause}
                  type="button"
                  className={`chip badge ${one.severity === 'critical' ? 'bad' : 'warn'}`}
                  title={t(`cause.${one.cause}What`)}
                  aria-pressed={cause === one.cause}
                  onClick={() => go('cause', cause === one.cause ? null : one.cause)}
                >
                  <i aria-hidden="true" />
                  {t(`cause.${one.cause}`)}{' '}
                  <b>{format.count(shown === 'no' ? one.unacknowledged : one.open)}</b>
                </button>
              ))}
            </div>
            {takeBack.isError ? <Notice kind="bad">{inWords(takeBack.error, t)}</Notice> : null}
            {list.length === 0 ? (
              <p className="empty">
                {t(cause === null && shown !== 'yes' ? 'problems.allWell' : 'problems.none')}
              </p>
            ) : (
              <ProblemList
                problems={list}
                chosen={chosen}
                {...(mayAcknowledge && { onAcknowledge })}
                {...(mayAcknowledge && shown === 'no' && { onChoose })}
              />
            )}
            {total > list.length ? (
              <p className="empty">{t('problems.more', { n: total - list.length })}</p>
            ) : null}
          </div>
        )}
      </Loaded>
      {chosen.size > 0 ? (
        <div className="bulk afloat" role="group" aria-label={t('bulk.label')}>
          <b role="status">{t('bulk.chosen', { n: chosen.size })}</b>
          <div className="actions">
            <button type="button" onClick={() => setAcknowledging([...chosen])}>
              {t('problems.acknowledge')}
            </button>
            <button type="button" className="quiet" onClick={() => setChosen(new Set())}>
              {t('bulk.none')}
            </button>
          </div>
        </div>
      ) : null}
      {acknowledging ? (
        <Acknowledge
          ids={acknowledging}
          onClose={() => setAcknowledging(null)}
          onDone={() => setChosen(new Set())}
        />
      ) : null}
    </Page>
  );
}

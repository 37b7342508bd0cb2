import { useState } from 'react';
import { Link } from 'wouter';
import { useIsAdmin } from '../../data/session.ts';
import { useWords } from '../../i18n/words.tsx';
import { NewSite } from './new-site.tsx';

/** The way from an empty system to the first miner. */
export function Start({ sites, agents }: { sites: number; agents: number }) {
  const { t } = useWords();
  const isAdmin = useIsAdmin();
  const [creating, setCreating] = useState(false);
  const step = sites === 0 ? 1 : agents === 0 ? 2 : 3;
  const mark = (own: number) => (own < step ? 'done' : own === step ? 'current' : '');

  return (
    <section className="panel start" aria-labelledby="start-title">
      <h1 id="start-title">{t('start.title')}</h1>
      <p>{t('start.lead')}</p>
      <ol>
        <li className={mark(1)} aria-current={step === 1 ? 'step' : undefined}>
          <h2>{t('start.site')}</h2>
          <p>{sites === 0 ? t('start.siteWhy') : t('start.siteDone', { n: sites })}</p>
          {step === 1 && isAdmin ? (
            <button type="button" className="primary" onClick={() => setCreating(true)}>
              {t('start.site')}
            </button>
          ) : null}
        </li>
        <li className={mark(2)} aria-current={step === 2 ? 'step' : undefined}>
          <h2>{t('start.agent')}</h2>
          <p>{t('start.agentWhy')}</p>
          {step === 2 && isAdmin ? (
            <Link className="button primary" href="/agents/new">
              {t('start.agent')}
            </Link>
          ) : null}
        </li>
        <li className={mark(3)} aria-current={step === 3 ? 'step' : undefined}>
          <h2>{t('start.arrive')}</h2>
          <p>{t('start.arriveWhy')}</p>
        </li>
      </ol>
      {creating ? <NewSite onClose={() => setCreating(false)} /> : null}
    </section>
  );
}

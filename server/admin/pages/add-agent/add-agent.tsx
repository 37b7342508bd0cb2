import { useState } from 'react';
import { Link } from 'wouter';
import type { RegisterAnswer } from '#contract/agent.ts';
import { useMay } from '../../data/session.ts';
import { useWords } from '../../i18n/words.tsx';
import { Notice } from '../../parts/notice.tsx';
import { Page } from '../../parts/page.tsx';
import { AgentForm } from './agent-form.tsx';
import { Arrival } from './arrival.tsx';
import { InstallGuide } from './install-guide.tsx';
import { NewKey } from './new-key.tsx';

/** Add an agent, then see its key, once, and how to install it, and watch it arrive. */
export function AddAgent() {
  const { t } = useWords();
  const may = useMay();
  // The key lives in this state alone: leaving the page forgets it.
  const [registered, setRegistered] = useState<RegisterAnswer | null>(null);
  const trail = <Link href="/agents">{t('nav.agents')}</Link>;

  if (!may('POST /api/agent/register')) {
    return (
      <Page title={t('reg.title')} trail={trail} narrow>
        <Notice kind="info">{t('reg.adminOnly')}</Notice>
      </Page>
    );
  }
  if (!registered) {
    return (
      <Page title={t('reg.title')} trail={trail} narrow>
        <AgentForm onRegistered={setRegistered} />
      </Page>
    );
  }
  return (
    <Page title={t('reg.doneTitle', { name: registered.name })} trail={trail} narrow>
      <NewKey apiKey={registered.api_key} />
      <section className="panel padded" aria-labelledby="install-title">
        <h2 id="install-title">{t('reg.install')}</h2>
        <InstallGuide apiKey={registered.api_key} />
      </section>
      <Arrival agentId={registered.id} />
      <div className="actions">
        <button type="button" onClick={() => setRegistered(null)}>
          {t('reg.another')}
        </button>
        <Link className="button" href={`/agents/${registered.id}`}>
          {t('reg.toAgent')}
        </Link>
      </div>
    </Page>
  );
}

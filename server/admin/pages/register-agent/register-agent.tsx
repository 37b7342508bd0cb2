import { useState } from 'react';
import type { RegisterAnswer } from '#contract/agent.ts';
import { useIsAdmin } from '../../data/session.ts';
import { useWords } from '../../i18n/words.tsx';
import { Notice } from '../../parts/notice.tsx';
import { AgentForm } from './agent-form.tsx';
import { Install } from './install.tsx';

/** Register an agent, then see its key, once, and how to install it. */
export function RegisterAgent() {
  const { t } = useWords();
  const isAdmin = useIsAdmin();
  // The key lives in this state alone: leaving the page forgets it.
  const [registered, setRegistered] = useState<RegisterAnswer | null>(null);

  if (!isAdmin) {
    return (
      <div className="narrow">
        <Notice kind="info">{t('reg.adminOnly')}</Notice>
      </div>
    );
  }
  return (
    <div className="narrow">
      {registered ? (
        <Install agent={registered} onAnother={() => setRegistered(null)} />
      ) : (
        <AgentForm onRegistered={setRegistered} />
      )}
    </div>
  );
}

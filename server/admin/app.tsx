import { QueryClientProvider } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import { Route, Switch } from 'wouter';
import { inWords } from './api.ts';
import { makeClient } from './data/client.ts';
import { useSession } from './data/session.ts';
import { useWords, WordsProvider } from './i18n/words.tsx';
import { Home } from './pages/home/home.tsx';
import { Login } from './pages/login.tsx';
import { NotFound } from './pages/not-found.tsx';
import { RegisterAgent } from './pages/register-agent/register-agent.tsx';
import { Notice } from './parts/notice.tsx';
import { TopBar } from './parts/top-bar.tsx';

export function App() {
  const [client] = useState(makeClient);
  return (
    <QueryClientProvider client={client}>
      <WordsProvider>
        <Gate />
      </WordsProvider>
    </QueryClientProvider>
  );
}

/** Login or the page asked for: the address stays, so whoever logs in again is back where they were. */
function Gate() {
  const { t } = useWords();
  const session = useSession();
  const wasIn = useRef(false);
  if (session.data) wasIn.current = true;

  if (session.isPending) return <p className="centre muted">{t('app.loading')}</p>;
  if (session.data === undefined) {
    return (
      <main className="centre">
        <Notice kind="bad" onRetry={() => void session.refetch()}>
          {inWords(session.error, t)}
        </Notice>
      </main>
    );
  }
  if (session.data === null) {
    return <Login expired={wasIn.current} onIn={() => (wasIn.current = false)} />;
  }
  return (
    <>
      <a className="skip" href="#main">
        {t('app.skip')}
      </a>
      <TopBar username={session.data.username} onOut={() => (wasIn.current = false)} />
      <main id="main">
        <Switch>
          <Route path="/" component={Home} />
          <Route path="/agents/new" component={RegisterAgent} />
          <Route component={NotFound} />
        </Switch>
      </main>
    </>
  );
}

import { QueryClientProvider } from '@tanstack/react-query';
import { Suspense, useCallback, useEffect, useRef, useState } from 'react';
import { Route, Switch, useLocation } from 'wouter';
import { inWords } from './api.ts';
import { makeClient } from './data/client.ts';
import { sessionQuery, useSession } from './data/session.ts';
import { useSetupState } from './data/setup.ts';
import { useWords, WordsProvider } from './i18n/words.tsx';
import { Login } from './pages/login.tsx';
import {
  AccountPage,
  AddAgent,
  AgentPage,
  AgentsPage,
  AuditPage,
  MinerPage,
  MinersPage,
  Overview,
  PeoplePage,
  ProblemsPage,
  SitesPage,
  SystemPage,
} from './pages/later.tsx';
import { NotFound } from './pages/not-found.tsx';
import { Setup } from './pages/setup.tsx';
import { ConfirmPassword } from './parts/confirm-password.tsx';
import { Help } from './parts/help.tsx';
import { useKeyboard } from './parts/keyboard.ts';
import { Notice } from './parts/notice.tsx';
import { TopBar } from './parts/top-bar.tsx';

export function App() {
  const [client] = useState(() => {
    const made = makeClient();
    // At once, beside the texts of the language.
    void made.prefetchQuery(sessionQuery);
    return made;
  });
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
  const onOut = useCallback(() => {
    wasIn.current = false;
  }, []);

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
  if (session.data === null) return <Outside expired={wasIn.current} onIn={onOut} />;
  return <Inside onOut={onOut} />;
}

/** Nobody is logged in: log in, or on a new server make the first who can. */
function Outside(props: { expired: boolean; onIn: () => void }) {
  const { t } = useWords();
  const setup = useSetupState();
  if (setup.isPending) return <p className="centre muted">{t('app.loading')}</p>;
  if (setup.data === 'open' || setup.data === 'closed') {
    return <Setup closed={setup.data === 'closed'} />;
  }
  return <Login expired={props.expired} onIn={props.onIn} />;
}

function Inside({ onOut }: { onOut: () => void }) {
  const { t } = useWords();
  const [help, setHelp] = useState(false);
  const showHelp = useCallback(() => setHelp(true), []);
  const keys = useKeyboard(showHelp);
  useNewPage();
  return (
    <>
      <a className="skip" href="#main">
        {t('app.skip')}
      </a>
      <TopBar onHelp={showHelp} onOut={onOut} />
      <main id="main" tabIndex={-1}>
        <Suspense fallback={<p className="centre muted">{t('app.loading')}</p>}>
          <Switch>
            <Route path="/" component={Overview} />
            <Route path="/miners" component={MinersPage} />
            <Route path="/miners/:id">{({ id }) => <MinerPage key={id} id={Number(id)} />}</Route>
            <Route path="/problems" component={ProblemsPage} />
            <Route path="/agents" component={AgentsPage} />
            <Route path="/agents/new" component={AddAgent} />
            <Route path="/agents/:id">{({ id }) => <AgentPage key={id} id={Number(id)} />}</Route>
            <Route path="/sites" component={SitesPage} />
            <Route path="/people" component={PeoplePage} />
            <Route path="/people/audit" component={AuditPage} />
            <Route path="/account" component={AccountPage} />
            <Route path="/system" component={SystemPage} />
            <Route component={NotFound} />
          </Switch>
        </Suspense>
      </main>
      <ConfirmPassword />
      {help ? <Help keys={keys} onClose={() => setHelp(false)} /> : null}
    </>
  );
}

/** Another page begins at its top, and is where the keyboard is, unless a field of it has taken the cursor. */
function useNewPage(): void {
  const [path] = useLocation();
  const before = useRef(path);
  useEffect(() => {
    if (before.current === path) return;
    before.current = path;
    scrollTo(0, 0);
    if (document.activeElement === document.body || document.activeElement?.closest('nav')) {
      document.querySelector<HTMLElement>('#main')?.focus({ preventScroll: true });
    }
  }, [path]);
}

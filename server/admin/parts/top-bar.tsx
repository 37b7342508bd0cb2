import { Link } from 'wouter';
import { useIsAdmin, useLogout } from '../data/session.ts';
import { useWords } from '../i18n/words.tsx';
import { Mark } from './mark.tsx';
import { Preferences } from './preferences.tsx';

export function TopBar({ username, onOut }: { username: string; onOut: () => void }) {
  const { t } = useWords();
  const logout = useLogout();
  const isAdmin = useIsAdmin();
  return (
    <header className="top-bar">
      <Link className="brand" href="/">
        <Mark />
        {t('app.name')}
      </Link>
      <nav>
        <Link href="/" className={(active) => (active ? 'active' : '')}>
          {t('top.overview')}
        </Link>
        {isAdmin ? (
          <Link href="/agents/new" className={(active) => (active ? 'active' : '')}>
            {t('top.registerAgent')}
          </Link>
        ) : null}
      </nav>
      <Preferences />
      <div className="who">
        <span className="muted">{username}</span>
        <button
          type="button"
          className="quiet"
          onClick={() => logout.mutate(undefined, { onSuccess: onOut })}
        >
          {t('top.logOut')}
        </button>
      </div>
    </header>
  );
}

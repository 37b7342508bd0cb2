import { useEffect, useRef } from 'react';
import { Link, useLocation } from 'wouter';
import { useLogout, useMay, useUser } from '../data/session.ts';
import { useWords } from '../i18n/words.tsx';
import { Mark } from './mark.tsx';
import { Menu } from './menu.tsx';
import { PAGES } from './pages.ts';
import { Preferences } from './preferences.tsx';

/** The navigation, and behind one button who is logged in and how this browser shows things. */
export function TopBar(props: { onHelp: () => void; onOut: () => void }) {
  const { t } = useWords();
  const user = useUser();
  const may = useMay();
  const logout = useLogout();
  const [path] = useLocation();
  const nav = useRef<HTMLElement>(null);
  useEffect(() => {
    nav.current?.querySelector('.active')?.scrollIntoView({ inline: 'nearest', block: 'nearest' });
  }, [path]);
  const isHere = (href: string) =>
    href === '/' ? path === '/' : path === href || path.startsWith(`${href}/`);

  return (
    <header className="top-bar">
      <Link className="brand" href="/">
        <Mark />
        <span>{t('app.name')}</span>
      </Link>
      <nav ref={nav} aria-label={t('nav.label')}>
        {PAGES.filter(({ needs }) => needs === null || may(needs)).map(({ href, word }) => (
          <Link
            key={href}
            href={href}
            className={isHere(href) ? 'active' : ''}
            aria-current={isHere(href) ? 'page' : undefined}
          >
            {t(word)}
          </Link>
        ))}
      </nav>
      <Menu
        label={t('top.menu')}
        button={
          <>
            <span className="initial" aria-hidden="true">
              {user.username.slice(0, 1).toUpperCase()}
            </span>
            <span className="who">{user.username}</span>
            <span className="visually-hidden">{t('top.menu')}</span>
          </>
        }
      >
        <p className="menu-title">
          <b className="foreign">{user.username}</b>{' '}
          <span className="muted">{t(`role.${user.role}`)}</span>
        </p>
        <Preferences />
        <hr />
        <Link href="/account">{t('nav.account')}</Link>
        <button type="button" className="quiet" onClick={props.onHelp}>
          {t('keys.title')} <kbd>?</kbd>
        </button>
        <a href="/docs">{t('top.apiDocs')}</a>
        <hr />
        <button
          type="button"
          className="quiet"
          onClick={() => logout.mutate(undefined, { onSuccess: props.onOut })}
        >
          {t('top.logOut')}
        </button>
      </Menu>
    </header>
  );
}

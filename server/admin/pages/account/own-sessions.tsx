import { inWords } from '../../api.ts';
import { useEndSession, useOwnSessions, type OwnSession } from '../../data/account.ts';
import { useWords } from '../../i18n/words.tsx';
import { Ago } from '../../parts/ago.tsx';
import { Loaded } from '../../parts/loaded.tsx';
import { Notice } from '../../parts/notice.tsx';
import { Panel } from '../../parts/panel.tsx';

/** Browsers where this user is logged in; each can be ended from here. */
export function OwnSessions() {
  const { t } = useWords();
  const sessions = useOwnSessions();
  const end = useEndSession();
  return (
    <Panel title={t('account.sessions')}>
      {end.isError ? <Notice kind="bad">{inWords(end.error, t)}</Notice> : null}
      <Loaded query={sessions} still={[90]}>
        {(list) => (
          <ul className="entries">
            {list.map((session) => (
              <li key={session.id}>
                <div>
                  <b>{browserOf(session) ?? t('account.unknownBrowser')}</b>{' '}
                  {session.current ? <span className="tag">{t('account.thisOne')}</span> : null}
                  <br />
                  <span className="muted">
                    {session.ip ?? '—'} · {t('account.used')} <Ago at={session.last_used_at} />
                  </span>
                </div>
                {session.current ? null : (
                  <button
                    type="button"
                    disabled={end.isPending}
                    onClick={() => end.mutate(session.id)}
                  >
                    {t('account.end')}
                  </button>
                )}
              </li>
            ))}
          </ul>
        )}
      </Loaded>
    </Panel>
  );
}

/** "Firefox · Linux" out of what a browser says of itself; null when it is none we know. */
function browserOf({ user_agent: text }: OwnSession): string | null {
  if (text === null) return null;
  const browser = [/Edg\//, /Firefox\//, /Chrome\//, /Safari\//].find((one) => one.test(text));
  if (!browser) return text.slice(0, 40);
  const name = browser.source.startsWith('Edg')
    ? 'Edge'
    : browser.source.replace(String.raw`\/`, '');
  const system = /Windows|Android|iPhone|iPad|Mac OS X|Linux/.exec(text)?.[0];
  return system ? `${name} · ${system}` : name;
}

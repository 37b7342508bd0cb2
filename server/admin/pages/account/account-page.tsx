import { useUser } from '../../data/session.ts';
import { useWords } from '../../i18n/words.tsx';
import { Page } from '../../parts/page.tsx';
import { OwnSessions } from './own-sessions.tsx';
import { PasswordForm } from './password-form.tsx';
import { Tokens } from './tokens.tsx';

/** What a user keeps of their own: password, sessions, tokens. */
export function AccountPage() {
  const { t } = useWords();
  const user = useUser();
  return (
    <Page
      title={t('nav.account')}
      beside={
        <span className="muted">
          {user.username} · {t(`role.${user.role}`)}
        </span>
      }
    >
      <div className="columns">
        <div className="stack">
          <OwnSessions />
          <Tokens />
        </div>
        <PasswordForm />
      </div>
    </Page>
  );
}

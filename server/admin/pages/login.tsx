import { useState, type FormEvent } from 'react';
import { ApiError, inWords } from '../api.ts';
import { useLogin } from '../data/session.ts';
import { useWords } from '../i18n/words.tsx';
import { CopyText } from '../parts/copy-text.tsx';
import { Field } from '../parts/field.tsx';
import { focusOnMount } from '../parts/focus.ts';
import { Notice } from '../parts/notice.tsx';
import { Preferences } from '../parts/preferences.tsx';
import { Mark } from '../parts/mark.tsx';

/** `expired`: there was a session a moment ago. */
export function Login({ expired, onIn }: { expired: boolean; onIn: () => void }) {
  const { t } = useWords();
  const login = useLogin();
  const [username, setUsername] = useState('');
  const [password, setPassword] = useState('');

  const submit = (event: FormEvent) => {
    event.preventDefault();
    login.mutate({ username, password }, { onSuccess: onIn });
  };
  const wrong = login.error instanceof ApiError && login.error.status === 401;

  return (
    <main className="login">
      <form className="card" onSubmit={submit}>
        <Mark />
        <h1>{t('login.title')}</h1>
        {expired && !login.isError ? <Notice kind="info">{t('login.expired')}</Notice> : null}
        {login.isError ? (
          <Notice kind="bad">{wrong ? t('login.wrong') : inWords(login.error, t)}</Notice>
        ) : null}
        <Field label={t('login.username')}>
          <input
            name="username"
            autoComplete="username"
            autoCapitalize="none"
            spellCheck={false}
            ref={focusOnMount}
            required
            value={username}
            onChange={(event) => setUsername(event.currentTarget.value)}
          />
        </Field>
        <Field label={t('login.password')}>
          <input
            name="password"
            type="password"
            autoComplete="current-password"
            required
            value={password}
            onChange={(event) => setPassword(event.currentTarget.value)}
          />
        </Field>
        <button className="primary" disabled={login.isPending}>
          {login.isPending ? t('login.busy') : t('login.submit')}
        </button>
        <details>
          <summary>{t('login.noAccountTitle')}</summary>
          <p>{t('login.noAccount')}</p>
          <CopyText text="node server/main.ts admin create admin" />
        </details>
      </form>
      <Preferences />
    </main>
  );
}

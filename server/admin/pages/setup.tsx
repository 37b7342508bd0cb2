import { useState, type FormEvent } from 'react';
import { useLocation } from 'wouter';
import { ApiError, inWords } from '../api.ts';
import { useSetUp } from '../data/setup.ts';
import { useWords } from '../i18n/words.tsx';
import { Field } from '../parts/field.tsx';
import { focusOnMount } from '../parts/focus.ts';
import { Mark } from '../parts/mark.tsx';
import { NewPassword } from '../parts/new-password.tsx';
import { Notice } from '../parts/notice.tsx';
import { Preferences } from '../parts/preferences.tsx';

/** The first administrator of a new server, by the token that it printed. `closed`: every token has expired. */
export function Setup({ closed }: { closed: boolean }) {
  const { t } = useWords();
  const setUp = useSetUp();
  const [, navigate] = useLocation();
  const [token, setToken] = useState('');
  const [username, setUsername] = useState('admin');
  const [password, setPassword] = useState('');

  const submit = (event: FormEvent) => {
    event.preventDefault();
    setUp.mutate(
      { token: token.trim(), username: username.trim(), password },
      { onSuccess: () => navigate('/', { replace: true }) },
    );
  };
  const wrong = setUp.error instanceof ApiError && setUp.error.status === 403;

  return (
    <main className="login">
      <form className="card" onSubmit={submit}>
        <Mark />
        <h1>{t('setup.title')}</h1>
        <p className="lead">{t('setup.lead')}</p>
        {closed && !setUp.isError ? <Notice kind="warn">{t('setup.closed')}</Notice> : null}
        {setUp.isError ? (
          <Notice kind="bad">{wrong ? t('setup.wrongToken') : inWords(setUp.error, t)}</Notice>
        ) : null}
        <Field label={t('setup.token')} hint={t('setup.tokenHint')}>
          <input
            name="token"
            className="mono"
            autoComplete="off"
            autoCapitalize="none"
            spellCheck={false}
            ref={focusOnMount}
            required
            value={token}
            onChange={(event) => setToken(event.currentTarget.value)}
          />
        </Field>
        <Field label={t('setup.username')}>
          <input
            name="username"
            autoComplete="username"
            autoCapitalize="none"
            spellCheck={false}
            required
            maxLength={255}
            value={username}
            onChange={(event) => setUsername(event.currentTarget.value)}
          />
        </Field>
        <Field label={t('setup.password')} hint={t('setup.passwordHint')}>
          <NewPassword name="password" required value={password} onChange={setPassword} />
        </Field>
        <button className="primary" disabled={setUp.isPending}>
          {setUp.isPending ? t('setup.busy') : t('setup.submit')}
        </button>
      </form>
      <Preferences />
    </main>
  );
}

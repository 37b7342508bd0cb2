import { useState, type FormEvent } from 'react';
import { ApiError, inWords } from '../../api.ts';
import { useChangePassword } from '../../data/account.ts';
import { useUser } from '../../data/session.ts';
import { useWords } from '../../i18n/words.tsx';
import { Field } from '../../parts/field.tsx';
import { NewPassword } from '../../parts/new-password.tsx';
import { Notice } from '../../parts/notice.tsx';

export function PasswordForm() {
  const { t } = useWords();
  const user = useUser();
  const change = useChangePassword();
  const [password, setPassword] = useState('');
  const [next, setNext] = useState('');
  const wrong = change.error instanceof ApiError && change.error.code === 'forbidden';

  const submit = (event: FormEvent) => {
    event.preventDefault();
    change.mutate(
      { password, new_password: next },
      {
        onSuccess: () => {
          setPassword('');
          setNext('');
        },
      },
    );
  };
  return (
    <form className="panel" onSubmit={submit} aria-labelledby="password-title">
      <h2 id="password-title">{t('account.password')}</h2>
      {change.isSuccess ? <Notice kind="good">{t('account.passwordChanged')}</Notice> : null}
      {change.isError ? (
        <Notice kind="bad">{wrong ? t('form.wrongPassword') : inWords(change.error, t)}</Notice>
      ) : null}
      <input type="text" hidden readOnly autoComplete="username" value={user.username} />
      <Field label={t('account.oldPassword')}>
        <input
          name="old-password"
          type="password"
          autoComplete="current-password"
          required
          value={password}
          onChange={(event) => setPassword(event.currentTarget.value)}
        />
      </Field>
      <Field label={t('account.newPassword')} hint={t('setup.passwordHint')}>
        <NewPassword name="new-password" required value={next} onChange={setNext} />
      </Field>
      <div className="actions">
        <button className="primary" disabled={change.isPending}>
          {t('account.changePassword')}
        </button>
      </div>
    </form>
  );
}

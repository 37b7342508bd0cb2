import { useMutation } from '@tanstack/react-query';
import { useEffect, useState, type FormEvent } from 'react';
import { api, ApiError, inWords, setAskPassword } from '../api.ts';
import { useUser } from '../data/session.ts';
import { useWords } from '../i18n/words.tsx';
import { Dialog } from './dialog.tsx';
import { Field } from './field.tsx';
import { focusOnMount } from './focus.ts';
import { FormActions } from './form-actions.tsx';
import { Notice } from './notice.tsx';

/** Asks for the password whenever the server demands it again; what was to be done then goes on. */
export function ConfirmPassword() {
  const [answer, setAnswer] = useState<((given: boolean) => void) | null>(null);
  useEffect(() => {
    setAskPassword(() => new Promise((resolve) => setAnswer(() => resolve)));
    return () => setAskPassword(null);
  }, []);
  if (!answer) return null;
  const finish = (given: boolean) => {
    setAnswer(null);
    answer(given);
  };
  return <Ask onDone={finish} />;
}

function Ask({ onDone }: { onDone: (given: boolean) => void }) {
  const { t } = useWords();
  const user = useUser();
  const [password, setPassword] = useState('');
  const confirm = useMutation({
    mutationFn: () => api.post('/api/auth/confirm', { password }),
    onSuccess: () => onDone(true),
  });
  const wrong = confirm.error instanceof ApiError && confirm.error.code === 'forbidden';
  const submit = (event: FormEvent) => {
    event.preventDefault();
    confirm.mutate();
  };
  return (
    <Dialog title={t('form.confirmTitle')} onClose={() => onDone(false)}>
      <form onSubmit={submit}>
        <p className="muted">{t('form.confirmText')}</p>
        {confirm.isError ? (
          <Notice kind="bad">{wrong ? t('form.wrongPassword') : inWords(confirm.error, t)}</Notice>
        ) : null}
        <input type="text" hidden readOnly autoComplete="username" value={user.username} />
        <Field label={t('form.password')}>
          <input
            name="password"
            type="password"
            autoComplete="current-password"
            required
            ref={focusOnMount}
            value={password}
            onChange={(event) => setPassword(event.currentTarget.value)}
          />
        </Field>
        <FormActions
          submit={t('form.confirmSubmit')}
          isPending={confirm.isPending}
          onCancel={() => onDone(false)}
        />
      </form>
    </Dialog>
  );
}

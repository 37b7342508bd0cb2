import { useState, type FormEvent } from 'react';
import { inWords } from '../../api.ts';
import { useMakeToken, type Token } from '../../data/account.ts';
import { useWords } from '../../i18n/words.tsx';
import { Choice } from '../../parts/choice.tsx';
import { CopyText } from '../../parts/copy-text.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { Field } from '../../parts/field.tsx';
import { focusOnMount } from '../../parts/focus.ts';
import { FormActions } from '../../parts/form-actions.tsx';
import { Notice } from '../../parts/notice.tsx';

const DAYS = ['30', '90', '365', 'never'] as const;

/** Makes a token and shows it, this once. */
export function NewToken({ onClose }: { onClose: () => void }) {
  const { t } = useWords();
  const make = useMakeToken();
  const [name, setName] = useState('');
  const [scope, setScope] = useState<Token['scope']>('read');
  const [days, setDays] = useState<(typeof DAYS)[number]>('90');

  if (make.data) {
    return (
      <Dialog title={make.data.name} onClose={onClose} wide>
        <div className="stack">
          <CopyText text={make.data.token} what={t('tokens.token')} />
          <Notice kind="warn">{t('tokens.once')}</Notice>
          <div className="actions">
            <button type="button" className="primary" onClick={onClose}>
              {t('form.close')}
            </button>
          </div>
        </div>
      </Dialog>
    );
  }
  const submit = (event: FormEvent) => {
    event.preventDefault();
    make.mutate({ name: name.trim(), scope, days: days === 'never' ? null : Number(days) });
  };
  return (
    <Dialog title={t('tokens.new')} onClose={onClose}>
      <form onSubmit={submit}>
        {make.isError ? <Notice kind="bad">{inWords(make.error, t)}</Notice> : null}
        <Field label={t('tokens.name')}>
          <input
            name="token-name"
            required
            maxLength={255}
            autoComplete="off"
            placeholder="backup-script"
            ref={focusOnMount}
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
          />
        </Field>
        <Choice
          label={t('tokens.scope')}
          value={scope}
          options={[
            { value: 'read', text: t('tokens.read') },
            { value: 'write', text: t('tokens.write') },
          ]}
          onChoose={setScope}
        />
        <Field label={t('tokens.days')}>
          <select
            value={days}
            onChange={(event) =>
              setDays(DAYS.find((one) => one === event.currentTarget.value) ?? '90')
            }
          >
            {DAYS.map((one) => (
              <option key={one} value={one}>
                {one === 'never' ? t('tokens.forever') : t('tokens.forDays', { n: Number(one) })}
              </option>
            ))}
          </select>
        </Field>
        <FormActions submit={t('tokens.make')} isPending={make.isPending} onCancel={onClose} />
      </form>
    </Dialog>
  );
}

import { useState, type FormEvent } from 'react';
import { inWords } from '../../api.ts';
import { useSaveSite, type Site } from '../../data/sites.ts';
import { useWords } from '../../i18n/words.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { Field } from '../../parts/field.tsx';
import { focusOnMount } from '../../parts/focus.ts';
import { FormActions } from '../../parts/form-actions.tsx';
import { Notice } from '../../parts/notice.tsx';

export function NewSite(props: { onClose: () => void; onCreated?: (site: Site) => void }) {
  const { t } = useWords();
  const create = useSaveSite(null);
  const [name, setName] = useState('');
  const [location, setLocation] = useState('');

  const submit = (event: FormEvent) => {
    event.preventDefault();
    create.mutate(
      { name: name.trim(), location: location.trim() || null },
      {
        onSuccess: (site) => {
          props.onCreated?.(site);
          props.onClose();
        },
      },
    );
  };
  return (
    <Dialog title={t('sites.create')} onClose={props.onClose}>
      <form onSubmit={submit}>
        {create.isError ? <Notice kind="bad">{inWords(create.error, t)}</Notice> : null}
        <Field label={t('sites.name')}>
          <input
            name="name"
            required
            maxLength={255}
            ref={focusOnMount}
            autoComplete="off"
            placeholder={t('sites.namePlaceholder')}
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
          />
        </Field>
        <Field label={t('sites.location')} optional>
          <input
            name="location"
            maxLength={255}
            autoComplete="off"
            value={location}
            onChange={(event) => setLocation(event.currentTarget.value)}
          />
        </Field>
        <FormActions
          submit={t('sites.submit')}
          isPending={create.isPending}
          onCancel={props.onClose}
        />
      </form>
    </Dialog>
  );
}

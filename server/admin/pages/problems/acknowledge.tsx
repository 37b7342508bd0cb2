import { useState, type FormEvent } from 'react';
import { inWords } from '../../api.ts';
import { useAcknowledge, type ProblemView } from '../../data/problems.ts';
import { useWords } from '../../i18n/words.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { Field } from '../../parts/field.tsx';
import { focusOnMount } from '../../parts/focus.ts';
import { FormActions } from '../../parts/form-actions.tsx';
import { Notice } from '../../parts/notice.tsx';

/** Somebody has seen it: with a note for the others. It goes by itself once the problem is gone. */
export function Acknowledge(props: {
  ids: ProblemView['id'][];
  onClose: () => void;
  onDone: () => void;
}) {
  const { t } = useWords();
  const acknowledge = useAcknowledge();
  const [note, setNote] = useState('');
  const submit = (event: FormEvent) => {
    event.preventDefault();
    acknowledge.mutate(
      { ids: props.ids, note: note.trim() },
      {
        onSuccess: () => {
          props.onClose();
          props.onDone();
        },
      },
    );
  };
  return (
    <Dialog title={t('problems.acknowledgeTitle', { n: props.ids.length })} onClose={props.onClose}>
      <form onSubmit={submit}>
        <p className="muted">{t('problems.acknowledgeWhat')}</p>
        {acknowledge.isError ? <Notice kind="bad">{inWords(acknowledge.error, t)}</Notice> : null}
        <Field label={t('problems.note')} optional>
          <input
            name="note"
            maxLength={500}
            autoComplete="off"
            placeholder={t('problems.notePlaceholder')}
            ref={focusOnMount}
            value={note}
            onChange={(event) => setNote(event.currentTarget.value)}
          />
        </Field>
        <FormActions
          submit={t('problems.acknowledge')}
          isPending={acknowledge.isPending}
          onCancel={props.onClose}
        />
      </form>
    </Dialog>
  );
}

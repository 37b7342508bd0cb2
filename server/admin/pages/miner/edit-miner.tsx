import { useState, type FormEvent } from 'react';
import { inWords } from '../../api.ts';
import { useChangeMiner, type MinerDetail } from '../../data/miner.ts';
import { useUser } from '../../data/session.ts';
import { useContainers } from '../../data/sites.ts';
import { useWords } from '../../i18n/words.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { Field } from '../../parts/field.tsx';
import { focusOnMount } from '../../parts/focus.ts';
import { FormActions } from '../../parts/form-actions.tsx';
import { Notice } from '../../parts/notice.tsx';

/** What people say of a miner. */
export function EditMiner({ miner, onClose }: { miner: MinerDetail; onClose: () => void }) {
  const { t, format } = useWords();
  const user = useUser();
  const change = useChangeMiner(miner.id);
  const containers = useContainers();
  const [name, setName] = useState(miner.name);
  const [tags, setTags] = useState(miner.tags.join(', '));
  const [container, setContainer] = useState(String(miner.container_id ?? ''));
  const [note, setNote] = useState(miner.note ?? '');
  const [expected, setExpected] = useState(String(miner.expected_by_hand ?? ''));
  const isAdmin = user.role === 'admin';

  const submit = (event: FormEvent) => {
    event.preventDefault();
    const split = tags.split(',').map((tag) => tag.trim());
    change.mutate(
      {
        name: name.trim(),
        tags: split.filter(Boolean),
        container_id: container === '' ? null : Number(container),
        note: note.trim() || null,
        ...(isAdmin && { expected_hash_rate: expected.trim() === '' ? null : Number(expected) }),
      },
      { onSuccess: onClose },
    );
  };
  return (
    <Dialog title={miner.name} onClose={onClose}>
      <form onSubmit={submit}>
        {change.isError ? <Notice kind="bad">{inWords(change.error, t)}</Notice> : null}
        <Field label={t('column.name')}>
          <input
            name="miner-name"
            required
            maxLength={255}
            autoComplete="off"
            ref={focusOnMount}
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
          />
        </Field>
        <Field label={t('column.container_name')}>
          <select
            name="container"
            value={container}
            onChange={(event) => setContainer(event.currentTarget.value)}
          >
            <option value="">{t('filter.none')}</option>
            {containers.data
              ?.filter(({ site_id }) => site_id === miner.site_id)
              .map(({ id, name: called }) => (
                <option key={id} value={id}>
                  {called}
                </option>
              ))}
          </select>
        </Field>
        <Field label={t('column.tags')} optional hint={t('miner.tagsHint')}>
          <input
            name="tags"
            autoComplete="off"
            value={tags}
            onChange={(event) => setTags(event.currentTarget.value)}
          />
        </Field>
        {isAdmin ? (
          <Field
            label={t('bulk.ths')}
            optional
            hint={
              miner.expected_reported === null
                ? t('miner.expectedUnknown')
                : t('miner.expectedSays', { ths: format.hashrate(miner.expected_reported) })
            }
          >
            <input
              name="expected"
              type="number"
              min="0.000001"
              step="any"
              value={expected}
              onChange={(event) => setExpected(event.currentTarget.value)}
            />
          </Field>
        ) : null}
        <Field label={t('miner.note')} optional>
          <textarea
            name="note"
            rows={2}
            maxLength={2000}
            value={note}
            onChange={(event) => setNote(event.currentTarget.value)}
          />
        </Field>
        <FormActions submit={t('form.save')} isPending={change.isPending} onCancel={onClose} />
      </form>
    </Dialog>
  );
}

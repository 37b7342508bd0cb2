import { useState, type FormEvent } from 'react';
import { inWords } from '../../api.ts';
import { useChangeAgent, type Agent } from '../../data/agents.ts';
import { useSites } from '../../data/sites.ts';
import { useWords } from '../../i18n/words.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { Field } from '../../parts/field.tsx';
import { focusOnMount } from '../../parts/focus.ts';
import { FormActions } from '../../parts/form-actions.tsx';
import { Notice } from '../../parts/notice.tsx';

/** Another name, another site; its miners and their history go with it. */
export function EditAgent({ agent, onClose }: { agent: Agent; onClose: () => void }) {
  const { t } = useWords();
  const change = useChangeAgent(agent.id);
  const sites = useSites();
  const [name, setName] = useState(agent.name);
  const [description, setDescription] = useState(agent.description ?? '');
  const [site, setSite] = useState(String(agent.site_id ?? ''));
  const moves = site !== String(agent.site_id ?? '');

  const submit = (event: FormEvent) => {
    event.preventDefault();
    change.mutate(
      {
        name: name.trim(),
        description: description.trim() || null,
        site_id: site === '' ? null : Number(site),
      },
      { onSuccess: ({ miners_left: left }) => left === 0 && onClose() },
    );
  };
  return (
    <Dialog title={agent.name} onClose={onClose}>
      <form onSubmit={submit}>
        {change.isError ? <Notice kind="bad">{inWords(change.error, t)}</Notice> : null}
        {change.data ? (
          <Notice kind="warn">{t('agent.minersLeft', { n: change.data.miners_left })}</Notice>
        ) : null}
        <Field label={t('reg.name')}>
          <input
            name="agent-name"
            required
            maxLength={255}
            autoComplete="off"
            ref={focusOnMount}
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
          />
        </Field>
        <Field label={t('reg.site')}>
          <select
            name="agent-site"
            value={site}
            onChange={(event) => setSite(event.currentTarget.value)}
          >
            <option value="">{t('reg.noSite')}</option>
            {sites.data?.map((one) => (
              <option key={one.id} value={one.id}>
                {one.name}
              </option>
            ))}
          </select>
        </Field>
        {moves ? (
          <Notice kind="warn">{t('agent.moveWhat', { n: agent.miner_count })}</Notice>
        ) : null}
        <Field label={t('reg.description')} optional>
          <textarea
            name="agent-description"
            rows={2}
            maxLength={2000}
            value={description}
            onChange={(event) => setDescription(event.currentTarget.value)}
          />
        </Field>
        <FormActions submit={t('form.save')} isPending={change.isPending} onCancel={onClose} />
      </form>
    </Dialog>
  );
}

import { useState, type FormEvent } from 'react';
import type { RegisterAnswer } from '#contract/agent.ts';
import { inWords } from '../../api.ts';
import { useRegisterAgent } from '../../data/agents.ts';
import { useSites } from '../../data/sites.ts';
import { useWords } from '../../i18n/words.tsx';
import { Field } from '../../parts/field.tsx';
import { Notice } from '../../parts/notice.tsx';

export function AgentForm({ onRegistered }: { onRegistered: (agent: RegisterAnswer) => void }) {
  const { t } = useWords();
  const sites = useSites();
  const register = useRegisterAgent();
  const [name, setName] = useState('');
  const [description, setDescription] = useState('');
  /** null: not chosen yet, so the only or first site stands; 0: no site. */
  const [chosenSite, setChosenSite] = useState<number | null>(null);
  const siteId = chosenSite ?? sites.data?.[0]?.id ?? 0;

  const submit = (event: FormEvent) => {
    event.preventDefault();
    register.mutate(
      { name: name.trim(), description: description.trim() || null, site_id: siteId || null },
      { onSuccess: onRegistered },
    );
  };

  return (
    <form className="panel" onSubmit={submit}>
      <h1>{t('reg.title')}</h1>
      <p className="lead">{t('reg.lead')}</p>
      {register.isError ? <Notice kind="bad">{inWords(register.error, t)}</Notice> : null}
      {sites.isError ? (
        <Notice kind="bad" onRetry={() => void sites.refetch()}>
          {inWords(sites.error, t)}
        </Notice>
      ) : null}
      <Field label={t('reg.name')} hint={t('reg.nameHint')}>
        <input
          name="name"
          required
          maxLength={255}
          autoFocus
          autoComplete="off"
          spellCheck={false}
          placeholder={t('reg.namePlaceholder')}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
      </Field>
      <Field label={t('reg.site')} {...(siteId === 0 && { hint: t('reg.noSiteHint') })}>
        <select
          name="site"
          disabled={sites.isPending}
          value={siteId}
          onChange={(event) => setChosenSite(Number(event.currentTarget.value))}
        >
          {sites.data?.map((site) => (
            <option key={site.id} value={site.id}>
              {site.name}
            </option>
          ))}
          <option value={0}>{t('reg.noSite')}</option>
        </select>
      </Field>
      <Field label={t('reg.description')} optional>
        <textarea
          name="description"
          rows={2}
          maxLength={2000}
          value={description}
          onChange={(event) => setDescription(event.currentTarget.value)}
        />
      </Field>
      <div className="actions">
        <button className="primary" disabled={register.isPending || sites.isPending}>
          {register.isPending ? t('reg.busy') : t('reg.submit')}
        </button>
      </div>
    </form>
  );
}

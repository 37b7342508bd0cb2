import { useState, type FormEvent } from 'react';
import type { RegisterAnswer } from '#contract/agent.ts';
import { inWords } from '../../api.ts';
import { useRegisterAgent } from '../../data/agents.ts';
import { useSites, type Site } from '../../data/sites.ts';
import { useWords } from '../../i18n/words.tsx';
import { Field } from '../../parts/field.tsx';
import { focusOnMount } from '../../parts/focus.ts';
import { Notice } from '../../parts/notice.tsx';

const NO_SITE = 'none';

/** Chosen before anybody chose: the only site, or none where there is none. Among several nothing: a wrong one costs. */
function onlyChoice([first, ...more]: readonly Site[]): string {
  if (!first) return NO_SITE;
  return more.length === 0 ? String(first.id) : '';
}

export function AgentForm({ onRegistered }: { onRegistered: (agent: RegisterAnswer) => void }) {
  const { t } = useWords();
  const sites = useSites();
  const register = useRegisterAgent();
  const [name, setName] = useState('');
  const [description, setDescription] = useState('');
  const [chosenSite, setChosenSite] = useState<string | null>(null);
  const site = chosenSite ?? onlyChoice(sites.data ?? []);

  const submit = (event: FormEvent) => {
    event.preventDefault();
    register.mutate(
      {
        name: name.trim(),
        description: description.trim() || null,
        site_id: site === NO_SITE ? null : Number(site),
      },
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
          ref={focusOnMount}
          autoComplete="off"
          spellCheck={false}
          placeholder={t('reg.namePlaceholder')}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
      </Field>
      <Field label={t('reg.site')} {...(site === NO_SITE && { hint: t('reg.noSiteHint') })}>
        <select
          name="site"
          required
          disabled={sites.isPending}
          value={site}
          onChange={(event) => setChosenSite(event.currentTarget.value)}
        >
          {site === '' ? <option value="">{t('reg.chooseSite')}</option> : null}
          {sites.data?.map((site) => (
            <option key={site.id} value={site.id}>
              {site.name}
            </option>
          ))}
          <option value={NO_SITE}>{t('reg.noSite')}</option>
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

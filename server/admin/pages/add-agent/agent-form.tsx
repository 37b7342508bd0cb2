import { useState, type FormEvent } from 'react';
import type { RegisterAnswer } from '#contract/agent.ts';
import { inWords } from '../../api.ts';
import { useRegisterAgent } from '../../data/agents.ts';
import { useMay } from '../../data/session.ts';
import { useSites, type Site } from '../../data/sites.ts';
import { useWords } from '../../i18n/words.tsx';
import { Field } from '../../parts/field.tsx';
import { focusOnMount } from '../../parts/focus.ts';
import { Notice } from '../../parts/notice.tsx';
import { NewSite } from '../sites/new-site.tsx';

const NO_SITE = 'none';
const NEW_SITE = 'new';

/** Chosen before anybody chose: the only site, or none where there is none. Among several nothing: a wrong one costs. */
function onlyChoice([first, ...more]: readonly Site[]): string {
  if (!first) return NO_SITE;
  return more.length === 0 ? String(first.id) : '';
}

export function AgentForm({ onRegistered }: { onRegistered: (agent: RegisterAnswer) => void }) {
  const { t } = useWords();
  const sites = useSites();
  const register = useRegisterAgent();
  const may = useMay();
  const [creating, setCreating] = useState(false);
  const [name, setName] = useState('');
  const [description, setDescription] = useState('');
  const [chosenSite, setChosenSite] = useState(() =>
    new URLSearchParams(location.search).get('site'),
  );
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
    <>
      <form className="panel" onSubmit={submit}>
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
            onChange={(event) => {
              const chosen = event.currentTarget.value;
              if (chosen === NEW_SITE) {
                // The list goes back to what it was until the site is there.
                event.currentTarget.value = site;
                setCreating(true);
              } else setChosenSite(chosen);
            }}
          >
            {site === '' ? <option value="">{t('reg.chooseSite')}</option> : null}
            {sites.data?.map((site) => (
              <option key={site.id} value={site.id}>
                {site.name}
              </option>
            ))}
            <option value={NO_SITE}>{t('reg.noSite')}</option>
            {may('POST /api/sites') ? <option value={NEW_SITE}>{t('reg.newSite')}</option> : null}
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
      {creating ? (
        <NewSite
          onCreated={(created) => setChosenSite(String(created.id))}
          onClose={() => setCreating(false)}
        />
      ) : null}
    </>
  );
}

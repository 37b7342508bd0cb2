import { useState, type FormEvent } from 'react';
import { inWords } from '../../api.ts';
import { useEndSessions, useSavePerson, type Person } from '../../data/people.ts';
import { ROLES } from '../../data/session.ts';
import { useWords } from '../../i18n/words.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { Field } from '../../parts/field.tsx';
import { focusOnMount } from '../../parts/focus.ts';
import { FormActions } from '../../parts/form-actions.tsx';
import { NewPassword } from '../../parts/new-password.tsx';
import { Notice } from '../../parts/notice.tsx';
import { Grants } from './grants.tsx';

/** A user: a new one (null), or one that is there. */
export function PersonForm({ person, onClose }: { person: Person | null; onClose: () => void }) {
  const { t } = useWords();
  const save = useSavePerson(person?.id ?? null);
  const end = useEndSessions(person?.id ?? 0);
  const [username, setUsername] = useState(person?.username ?? '');
  const [email, setEmail] = useState(person?.email ?? '');
  const [role, setRole] = useState(person?.role ?? 'viewer');
  const [limited, setLimited] = useState(person?.limited ?? false);
  const [active, setActive] = useState(person?.is_active ?? true);
  const [siteIds, setSiteIds] = useState(() => person?.sites.map(({ id }) => id) ?? []);
  const [containerIds, setContainerIds] = useState(
    () => person?.containers.map(({ id }) => id) ?? [],
  );
  const [password, setPassword] = useState('');

  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate(
      {
        username: username.trim(),
        email: email.trim() || null,
        role,
        limited,
        is_active: active,
        site_ids: siteIds,
        container_ids: containerIds,
        ...(password === '' ? {} : { password }),
      },
      { onSuccess: onClose },
    );
  };
  const grants = role === 'client' || (role === 'viewer' && limited);

  return (
    <Dialog title={person ? person.username : t('people.add')} onClose={onClose} wide>
      <form onSubmit={submit}>
        {save.isError ? <Notice kind="bad">{inWords(save.error, t)}</Notice> : null}
        {person === null ? (
          <Field label={t('login.username')}>
            <input
              name="person-name"
              required
              maxLength={255}
              autoComplete="off"
              autoCapitalize="none"
              spellCheck={false}
              ref={focusOnMount}
              value={username}
              onChange={(event) => setUsername(event.currentTarget.value)}
            />
          </Field>
        ) : null}
        <Field label={t('people.role')} hint={t(`role.${role}What`)}>
          <select
            name="role"
            value={role}
            onChange={(event) =>
              setRole(ROLES.find((one) => one === event.currentTarget.value) ?? 'viewer')
            }
          >
            {ROLES.map((one) => (
              <option key={one} value={one}>
                {t(`role.${one}`)}
              </option>
            ))}
          </select>
        </Field>
        {role === 'viewer' ? (
          <label className="check">
            <input
              type="checkbox"
              checked={limited}
              onChange={(event) => setLimited(event.currentTarget.checked)}
            />
            {t('people.limited')}
          </label>
        ) : null}
        {grants ? (
          <Grants
            siteIds={siteIds}
            containerIds={containerIds}
            onSites={setSiteIds}
            onContainers={setContainerIds}
          />
        ) : null}
        <Field label={t('people.email')} optional>
          <input
            name="email"
            type="email"
            autoComplete="off"
            maxLength={255}
            value={email}
            onChange={(event) => setEmail(event.currentTarget.value)}
          />
        </Field>
        <Field
          label={t(person ? 'account.newPassword' : 'setup.password')}
          optional={person !== null}
          hint={person ? t('people.passwordEnds') : t('setup.passwordHint')}
        >
          <NewPassword
            name="person-password"
            required={person === null}
            value={password}
            onChange={setPassword}
          />
        </Field>
        {person ? (
          <>
            <label className="check">
              <input
                type="checkbox"
                checked={active}
                onChange={(event) => setActive(event.currentTarget.checked)}
              />
              {t('people.mayLogIn')}
            </label>
            {person.sessions > 0 ? (
              <div className="line">
                <span className="muted">{t('people.liveSessions', { n: person.sessions })}</span>
                <button
                  type="button"
                  disabled={end.isPending || end.isSuccess}
                  onClick={() => end.mutate()}
                >
                  {t(end.isSuccess ? 'people.ended' : 'people.endSessions')}
                </button>
              </div>
            ) : null}
          </>
        ) : null}
        <FormActions
          submit={t(person ? 'form.save' : 'people.add')}
          isPending={save.isPending}
          onCancel={onClose}
        />
      </form>
    </Dialog>
  );
}

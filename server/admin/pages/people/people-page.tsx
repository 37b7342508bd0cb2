import { useMemo, useState } from 'react';
import { usePeople, type Person } from '../../data/people.ts';
import { useWords } from '../../i18n/words.tsx';
import { Ago } from '../../parts/ago.tsx';
import { Loaded } from '../../parts/loaded.tsx';
import { Page } from '../../parts/page.tsx';
import { StateBadge } from '../../parts/state-badge.tsx';
import { Table, type Column } from '../../parts/table.tsx';
import { PeopleTabs } from './people-tabs.tsx';
import { PersonForm } from './person-form.tsx';

/** Who may log in, and what each may do. */
export function PeoplePage() {
  const { t } = useWords();
  const people = usePeople();
  const [editing, setEditing] = useState<Person | 'new' | null>(null);
  const columns = usePeopleColumns(setEditing);
  return (
    <Page
      title={t('nav.people')}
      actions={
        <button type="button" className="primary" onClick={() => setEditing('new')}>
          {t('people.add')}
        </button>
      }
    >
      <PeopleTabs here="users" />
      <Loaded query={people} still={[200]}>
        {(list) => (
          <div className="panel">
            <Table
              caption={t('people.users')}
              className="people"
              columns={columns}
              rows={list}
              isPast={(person) => !person.is_active}
            />
          </div>
        )}
      </Loaded>
      {editing ? (
        <PersonForm person={editing === 'new' ? null : editing} onClose={() => setEditing(null)} />
      ) : null}
    </Page>
  );
}

function usePeopleColumns(onEdit: (person: Person) => void): Column<Person>[] {
  const { t, format } = useWords();
  return useMemo(
    () => [
      {
        id: 'name',
        title: t('people.name'),
        cell: (person) => (
          <button type="button" className="as-link foreign" onClick={() => onEdit(person)}>
            {person.username}
          </button>
        ),
      },
      { id: 'role', title: t('people.role'), cell: (person) => t(`role.${person.role}`) },
      {
        id: 'state',
        title: t('people.state'),
        cell: (person) => (
          <StateBadge tone={person.is_active ? 'good' : 'idle'}>
            {t(person.is_active ? 'people.active' : 'people.disabled')}
          </StateBadge>
        ),
      },
      {
        id: 'sees',
        title: t('people.sees'),
        cell: (person) => {
          if (!person.limited) return t('people.everything');
          const places = [...person.sites, ...person.containers].map(({ name }) => name);
          return <span className="foreign">{places.join(', ') || t('people.nothing')}</span>;
        },
      },
      {
        id: 'login',
        title: t('people.lastLogin'),
        cell: (person) =>
          person.last_login_at === null ? t('agents.never') : <Ago at={person.last_login_at} />,
      },
      {
        id: 'sessions',
        title: t('people.sessions'),
        align: 'end',
        cell: (person) => format.count(person.sessions),
      },
      {
        id: 'tokens',
        title: t('people.tokens'),
        align: 'end',
        cell: (person) => format.count(person.tokens),
      },
    ],
    [t, format, onEdit],
  );
}

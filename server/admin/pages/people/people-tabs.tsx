import { Link } from 'wouter';
import { useWords } from '../../i18n/words.tsx';

/** Users, or what they did. */
export function PeopleTabs({ here }: { here: 'users' | 'audit' }) {
  const { t } = useWords();
  return (
    <nav className="tabs" aria-label={t('nav.people')}>
      <Link href="/people" aria-current={here === 'users' ? 'page' : undefined}>
        {t('people.users')}
      </Link>
      <Link href="/people/audit" aria-current={here === 'audit' ? 'page' : undefined}>
        {t('people.audit')}
      </Link>
    </nav>
  );
}

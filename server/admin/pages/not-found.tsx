import { Link } from 'wouter';
import { useWords } from '../i18n/words.tsx';

export function NotFound() {
  const { t } = useWords();
  return (
    <div className="narrow">
      <h1>{t('app.notFound')}</h1>
      <p>
        <Link href="/">{t('app.backHome')}</Link>
      </p>
    </div>
  );
}

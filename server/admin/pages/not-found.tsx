import { Link } from 'wouter';
import { useWords } from '../i18n/words.tsx';
import { Page } from '../parts/page.tsx';

export function NotFound() {
  const { t } = useWords();
  return (
    <Page title={t('app.notFound')} narrow>
      <p>
        <Link href="/">{t('app.backHome')}</Link>
      </p>
    </Page>
  );
}

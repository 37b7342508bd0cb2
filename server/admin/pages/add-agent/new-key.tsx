import { useWords } from '../../i18n/words.tsx';
import { CopyText } from '../../parts/copy-text.tsx';
import { focusOnMount } from '../../parts/focus.ts';
import { Notice } from '../../parts/notice.tsx';

/** A key, shown this once. */
export function NewKey({ apiKey }: { apiKey: string }) {
  const { t } = useWords();
  return (
    <section className="panel padded new-key" aria-labelledby="key-title">
      <h2 id="key-title" tabIndex={-1} ref={focusOnMount}>
        {t('reg.key')}
      </h2>
      <CopyText text={apiKey} what={t('reg.key')} />
      <Notice kind="warn">{t('reg.keyOnce')}</Notice>
    </section>
  );
}

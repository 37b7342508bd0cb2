import type { ReactNode } from 'react';
import { useWords } from '../i18n/words.tsx';

/** A sentence that must be read: what happened and, where it helps, a way to try again. */
export function Notice(props: {
  kind: 'info' | 'warn' | 'bad' | 'good';
  children: ReactNode;
  onRetry?: () => void;
}) {
  const { t } = useWords();
  return (
    <div className={`notice ${props.kind}`} role={props.kind === 'bad' ? 'alert' : 'status'}>
      <span>{props.children}</span>
      {props.onRetry ? (
        <button type="button" onClick={props.onRetry}>
          {t('error.retry')}
        </button>
      ) : null}
    </div>
  );
}

import { useRef, useState } from 'react';
import { useWords } from '../i18n/words.tsx';

type Outcome = 'idle' | 'copied' | 'selected';

/**
 * Text to take along, with a button that copies it. On plain http browsers give a page no
 * clipboard; then the button selects the text and says which keys to press.
 */
export function CopyText({ text, what }: { text: string; what?: string }) {
  const { t } = useWords();
  const code = useRef<HTMLElement>(null);
  const [outcome, setOutcome] = useState<Outcome>('idle');

  const select = () => {
    if (code.current) getSelection()?.selectAllChildren(code.current);
    setOutcome('selected');
  };
  const copy = async () => {
    // Typed as always there, yet missing wherever the page is not a secure context.
    const clipboard = navigator.clipboard as Clipboard | undefined;
    if (!clipboard) return select();
    try {
      await clipboard.writeText(text);
      setOutcome('copied');
    } catch {
      select();
    }
  };

  return (
    <div className="copy-text">
      <pre>
        <code ref={code}>{text}</code>
      </pre>
      <button
        type="button"
        aria-label={what ? t('copy.what', { what }) : undefined}
        onClick={() => void copy()}
      >
        {t(outcome === 'copied' ? 'copy.copied' : 'copy.copy')}
      </button>
      <span className={outcome === 'selected' ? 'copy-outcome' : 'visually-hidden'} role="status">
        {outcome === 'idle' ? '' : t(`copy.${outcome}`)}
      </span>
    </div>
  );
}

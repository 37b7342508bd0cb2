import type { ReactNode } from 'react';
import { useWords } from '../i18n/words.tsx';

/** One labelled control of a form. */
export function Field(props: {
  label: string;
  optional?: boolean;
  hint?: string;
  children: ReactNode;
}) {
  const { t } = useWords();
  return (
    <label className="field">
      <span className="field-label">
        {props.label}
        {props.optional ? <span className="muted"> · {t('form.optional')}</span> : null}
      </span>
      {props.children}
      {props.hint ? <span className="hint">{props.hint}</span> : null}
    </label>
  );
}

import type { ReactNode } from 'react';
import { inWords } from '../api.ts';
import { useWords } from '../i18n/words.tsx';
import { Dialog } from './dialog.tsx';
import { Notice } from './notice.tsx';

interface Change {
  mutate: (variables: undefined, options: { onSuccess: () => void }) => void;
  isPending: boolean;
  isError: boolean;
  error: unknown;
}

/** Asks before something that cannot simply be undone: `children` say what it does. */
export function Confirm(props: {
  title: string;
  action: string;
  change: Change;
  onDone?: () => void;
  onClose: () => void;
  children: ReactNode;
}) {
  const { t } = useWords();
  const { change } = props;
  return (
    <Dialog title={props.title} onClose={props.onClose}>
      <div className="stack">
        {change.isError ? <Notice kind="bad">{inWords(change.error, t)}</Notice> : null}
        <div className="prose">{props.children}</div>
        <div className="actions">
          <button type="button" onClick={props.onClose}>
            {t('form.cancel')}
          </button>
          <button
            type="button"
            className="danger"
            disabled={change.isPending}
            onClick={() =>
              change.mutate(undefined, {
                onSuccess: () => {
                  props.onClose();
                  props.onDone?.();
                },
              })
            }
          >
            {props.action}
          </button>
        </div>
      </div>
    </Dialog>
  );
}

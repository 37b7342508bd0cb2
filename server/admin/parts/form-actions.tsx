import { useWords } from '../i18n/words.tsx';

/** The end of a form in a dialog: leave it, or send it, which `submit` names. */
export function FormActions(props: { submit: string; isPending: boolean; onCancel: () => void }) {
  const { t } = useWords();
  return (
    <div className="actions">
      <button type="button" onClick={props.onCancel}>
        {t('form.cancel')}
      </button>
      <button className="primary" disabled={props.isPending}>
        {props.submit}
      </button>
    </div>
  );
}

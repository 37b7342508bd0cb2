import { useEffect, type ReactNode } from 'react';
import { useWords } from '../i18n/words.tsx';

/** A page: its heading, what can be done here, and its name in the browser's tab. */
export function Page(props: {
  title: string;
  /** Beside the heading: a state, a count. */
  beside?: ReactNode;
  /** Where it belongs, above the heading. */
  trail?: ReactNode;
  actions?: ReactNode;
  /** Forms and texts: as wide as one reads. */
  narrow?: boolean;
  children: ReactNode;
}) {
  const { t } = useWords();
  const { title } = props;
  useEffect(() => {
    document.title = `${title} · ${t('app.name')}`;
  }, [title, t]);
  return (
    <div className={props.narrow ? 'page narrow' : 'page'}>
      <header className="page-head">
        {props.trail ? <p className="trail">{props.trail}</p> : null}
        <div className="page-title">
          <h1 className="foreign">{title}</h1>
          {props.beside}
        </div>
        {props.actions ? <div className="actions">{props.actions}</div> : null}
      </header>
      {props.children}
    </div>
  );
}

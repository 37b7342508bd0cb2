import { useId, type ReactNode } from 'react';

/** A titled box. `count` stands beside the title, `actions` at the end of its line. */
export function Panel(props: {
  title: string;
  count?: ReactNode;
  actions?: ReactNode;
  className?: string;
  children: ReactNode;
}) {
  const id = useId();
  return (
    <section className={`panel ${props.className ?? ''}`} aria-labelledby={id}>
      <header>
        <h2 id={id}>{props.title}</h2>
        {props.count === undefined ? null : <span className="muted">{props.count}</span>}
        {props.actions ? <div className="actions">{props.actions}</div> : null}
      </header>
      {props.children}
    </section>
  );
}

/** One number of a row of them: what it is, its value, and beside it what it is measured against. */
export function Figure(props: { title: string; value: ReactNode; children?: ReactNode }) {
  return (
    <div className="figure">
      <h2>{props.title}</h2>
      <p className="value">{props.value}</p>
      <p className="beside">{props.children}</p>
    </div>
  );
}

import type { ReactNode } from 'react';

/** Facts in two columns; one that is not known is left out. */
export function Facts(props: { children: ReactNode }) {
  return <dl className="facts">{props.children}</dl>;
}

export function Fact(props: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt>{props.name}</dt>
      <dd className="foreign">{props.children}</dd>
    </div>
  );
}

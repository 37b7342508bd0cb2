import type { ReactNode } from 'react';

export type Tone = 'good' | 'warn' | 'bad' | 'idle' | 'unknown';

/** A state: its colour, and always its word. `why` is the tooltip. */
export function StateBadge(props: { tone: Tone; why?: string; children: ReactNode }) {
  return (
    <span className={`badge ${props.tone}`} title={props.why}>
      <i aria-hidden="true" />
      {props.children}
    </span>
  );
}

import type { ReactNode } from 'react';

/** Nothing here yet: what would be here, and the way to it. */
export function EmptyState({ text, children }: { text: string; children?: ReactNode }) {
  return (
    <div className="panel empty-state">
      <p>{text}</p>
      {children}
    </div>
  );
}

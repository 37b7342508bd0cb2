import { useState } from 'react';

/** Which miners are meant: single ones, or all that the filters mean. */
export type Selection = ReadonlySet<number> | 'all';
const NONE: ReadonlySet<number> = new Set();

/** Chosen miners; another filter begins anew. */
export function useSelection(filters: string) {
  const [chosen, setChosen] = useState<{ filters: string; selection: Selection }>({
    filters,
    selection: NONE,
  });
  const selection = chosen.filters === filters ? chosen.selection : NONE;
  const set = (next: Selection) => setChosen({ filters, selection: next });
  return {
    selection,
    has: (id: number) => selection === 'all' || selection.has(id),
    toggle(id: number) {
      const next = new Set(selection === 'all' ? [] : selection);
      if (!next.delete(id)) next.add(id);
      set(next);
    },
    all: () => set('all'),
    none: () => set(NONE),
    count: (total: number) => (selection === 'all' ? total : selection.size),
  };
}

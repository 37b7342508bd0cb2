import { useCallback, useMemo, useState } from 'react';
import { useLocation, useSearch } from 'wouter';
import { recall, remember } from '../../remember.ts';
import {
  COLUMNS,
  readView,
  USUAL_COLUMNS,
  writeView,
  type MinerColumn,
  type MinerView,
} from './view.ts';

function recallColumns(): readonly MinerColumn[] {
  const chosen = recall('columns')?.split(',');
  const columns = COLUMNS.filter((one) => chosen?.includes(one));
  return columns.length > 0 ? columns : USUAL_COLUMNS;
}

/** The view in the address, and how to change it. Columns once chosen are this browser's usual ones from then on. */
export function useView(): [MinerView, (change: Partial<MinerView>) => void] {
  const search = useSearch();
  const [, navigate] = useLocation();
  const [usual, setUsual] = useState(recallColumns);
  const view = useMemo(() => readView(search, usual), [search, usual]);
  const change = useCallback(
    (changed: Partial<MinerView>) => {
      const next = { ...view, ...changed };
      if (changed.columns) {
        remember('columns', changed.columns.join(','));
        setUsual(changed.columns);
      }
      const query = writeView(next);
      navigate(query ? `/miners?${query}` : '/miners', { replace: true });
    },
    [view, navigate],
  );
  return [view, change];
}

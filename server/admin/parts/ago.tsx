import { useContext } from 'react';
import { useWords } from '../i18n/words.tsx';
import { useNow } from './now.ts';
import { PlaceZone } from './place-zone.ts';

/** How long ago; the exact moment, also in UTC and where it happened, in the tooltip. */
export function Ago({ at }: { at: string }) {
  const { format } = useWords();
  const zone = useContext(PlaceZone);
  return (
    <time dateTime={at} title={format.exact(at, zone)}>
      {format.ago(at, Math.max(useNow(), 0))}
    </time>
  );
}

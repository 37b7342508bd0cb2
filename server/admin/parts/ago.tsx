import { useWords } from '../i18n/words.tsx';
import { useNow } from './now.ts';

/** How long ago, the exact moment in the tooltip. */
export function Ago({ at }: { at: string }) {
  const { format } = useWords();
  return (
    <time dateTime={at} title={format.exact(at)}>
      {format.ago(at, Math.max(useNow(), 0))}
    </time>
  );
}

import { Link } from 'wouter';
import type { CauseCount } from '../../data/problems.ts';
import { useWords } from '../../i18n/words.tsx';

/** How much of each kind is wrong and not yet acknowledged; each leads to them. */
export function CauseLinks({ causes }: { causes: readonly CauseCount[] }) {
  const { t, format } = useWords();
  const open = causes.filter(({ unacknowledged }) => unacknowledged > 0);
  if (open.length === 0) return null;
  return (
    <p className="cause-links">
      {open.map(({ cause, severity, unacknowledged }) => (
        <Link
          key={cause}
          href={`/problems?cause=${cause}`}
          className={`chip badge ${severity === 'critical' ? 'bad' : 'warn'}`}
          title={t(`cause.${cause}What`)}
        >
          <i aria-hidden="true" />
          {t(`cause.${cause}`)} <b>{format.count(unacknowledged)}</b>
        </Link>
      ))}
    </p>
  );
}

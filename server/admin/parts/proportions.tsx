import { Link } from 'wouter';
import { useWords } from '../i18n/words.tsx';
import type { Tone } from './state-badge.tsx';

export interface Part {
  id: string;
  tone: Tone;
  text: string;
  n: number;
  /** Where they are listed. */
  href?: string;
}

/** What a whole is made of: a bar, and under it each part with its number. */
export function Proportions(props: { label: string; parts: readonly Part[] }) {
  const { format } = useWords();
  const whole = props.parts.reduce((sum, part) => sum + part.n, 0);
  let from = 0;
  return (
    <div className="proportions">
      <svg viewBox="0 0 1000 8" preserveAspectRatio="none" aria-hidden="true">
        <rect className="bar-ground" width="1000" height="8" />
        {props.parts.map((part) => {
          const x = from;
          const width = whole === 0 ? 0 : (1000 * part.n) / whole;
          from += width;
          return (
            <rect
              key={part.id}
              className={`bar-part ${part.tone}`}
              x={x}
              width={Math.max(width - 2, part.n > 0 ? 2 : 0)}
              height="8"
            />
          );
        })}
      </svg>
      <ul aria-label={props.label}>
        {props.parts.map((part) => (
          <li key={part.id} className={`legend ${part.tone} ${part.n === 0 ? 'none' : ''}`}>
            <i aria-hidden="true" />
            {part.href === undefined ? part.text : <Link href={part.href}>{part.text}</Link>}{' '}
            <b>{format.count(part.n)}</b>
          </li>
        ))}
      </ul>
    </div>
  );
}

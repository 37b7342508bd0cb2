/** The sign of Hashyard: bars between two posts. */
export function Mark() {
  return (
    <svg className="mark" viewBox="0 0 32 32" aria-hidden="true">
      <rect className="mark-ground" width="32" height="32" rx="8" />
      <g className="mark-bars">
        <rect x="7" y="7" width="4" height="18" rx="1.5" />
        <rect x="21" y="7" width="4" height="18" rx="1.5" />
        <rect x="12.5" y="17" width="3" height="5" rx="1" opacity="0.75" />
        <rect x="16.5" y="12" width="3" height="10" rx="1" />
      </g>
    </svg>
  );
}

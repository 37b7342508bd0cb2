import { useEffect, useRef, useState, type ReactNode } from 'react';
import { useLocation } from 'wouter';

/** A button and what it opens below it. Escape, a click elsewhere and going to another page close it. */
export function Menu(props: {
  label: string;
  button: ReactNode;
  bordered?: boolean;
  children: ReactNode;
}) {
  const [open, setOpen] = useState(false);
  const [path] = useLocation();
  const root = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);

  useEffect(() => setOpen(false), [path]);
  useEffect(() => {
    if (!open) return undefined;
    const onPointer = (event: Event) => {
      if (!root.current?.contains(event.target as Node)) setOpen(false);
    };
    const onKey = (event: KeyboardEvent) => {
      if (event.key !== 'Escape') return;
      setOpen(false);
      button.current?.focus();
    };
    document.addEventListener('pointerdown', onPointer);
    document.addEventListener('keydown', onKey);
    return () => {
      document.removeEventListener('pointerdown', onPointer);
      document.removeEventListener('keydown', onKey);
    };
  }, [open]);

  return (
    <div className="menu" ref={root}>
      <button
        ref={button}
        type="button"
        className={props.bordered ? undefined : 'quiet'}
        aria-expanded={open}
        title={props.label}
        onClick={() => setOpen(!open)}
      >
        {props.button}
      </button>
      {open ? <div className="menu-sheet">{props.children}</div> : null}
    </div>
  );
}

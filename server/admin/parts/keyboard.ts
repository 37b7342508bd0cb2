import { useEffect, useState } from 'react';
import { useLocation } from 'wouter';
import { recall, remember } from '../remember.ts';
import { PAGES } from './pages.ts';

/** How long after `g` the letter of a page may come. */
const SEQUENCE_MS = 1_500;

const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement &&
  (target.isContentEditable || target.matches('input, select, textarea, dialog *'));

/** Puts the cursor into the search field of the page; false where there is none. */
function focusSearch(): boolean {
  const field = document.querySelector<HTMLInputElement>('[data-search]');
  field?.focus();
  field?.select();
  return field !== null;
}

/** `/` search, `?` help, `g` and a letter: a page. Can be switched off, and that is remembered. */
export function useKeyboard(onHelp: () => void) {
  const [, navigate] = useLocation();
  const [on, setOn] = useState(() => recall('keys') !== 'off');

  useEffect(() => {
    if (!on) return undefined;
    let goSince = -Infinity;
    const onKey = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
      const going = performance.now() - goSince < SEQUENCE_MS;
      goSince = -Infinity;
      const page = going ? PAGES.find(({ letter }) => letter === event.code) : undefined;
      if (page) navigate(page.href);
      else if (event.key === '?') onHelp();
      else if (event.key === '/') {
        if (!focusSearch()) navigate('/miners', { state: 'search' });
      } else {
        // By the key, not by its letter: in a Russian layout it is "п".
        if (event.code === 'KeyG') goSince = performance.now();
        return;
      }
      event.preventDefault();
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, [on, navigate, onHelp]);

  return {
    on,
    choose(chosen: boolean) {
      remember('keys', chosen ? 'on' : 'off');
      setOn(chosen);
    },
  };
}

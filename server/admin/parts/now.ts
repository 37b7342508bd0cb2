import { useSyncExternalStore } from 'react';
import { serverNow } from '../api.ts';

const TICK_MS = 5_000;

// One timer for every age on the page, running only while one is shown.
const listeners = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;
let now = 0;

function tick(): void {
  now = serverNow();
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  timer ??= setInterval(tick, TICK_MS);
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) {
      clearInterval(timer);
      timer = undefined;
    }
  };
}

function read(): number {
  if (timer === undefined) now = serverNow();
  return now;
}

/** Now by the server's clock, ms; renders again every few seconds. */
export const useNow = (): number => useSyncExternalStore(subscribe, read);

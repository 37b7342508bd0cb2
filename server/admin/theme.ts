import { recall, remember } from './remember.ts';

export const THEMES = ['auto', 'light', 'dark'] as const;
export type Theme = (typeof THEMES)[number];

const isTheme = (text: string | null): text is Theme => THEMES.some((theme) => theme === text);

/** The theme this browser chose earlier, else the system's. */
export function chosenTheme(): Theme {
  const chosen = recall('theme');
  return isTheme(chosen) ? chosen : 'auto';
}

/** The stylesheet does the rest: `light-dark()` follows the root's colour scheme. */
export function showTheme(theme: Theme): void {
  document.documentElement.dataset['theme'] = theme;
}

export function chooseTheme(theme: Theme): void {
  remember('theme', theme);
  showTheme(theme);
}

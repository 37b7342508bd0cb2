/** The languages people read us in. */
export type Language = 'en' | 'ru';

/**
 * The language of a command line: HASHYARD_LANG if set, else the POSIX locale
 * (LC_ALL, LC_MESSAGES, LANG), else English.
 */
export function languageOf(env: Record<string, string | undefined>): Language {
  const wanted = env['HASHYARD_LANG'] || env['LC_ALL'] || env['LC_MESSAGES'] || env['LANG'] || '';
  return wanted.toLowerCase().startsWith('ru') ? 'ru' : 'en';
}

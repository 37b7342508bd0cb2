import type { Language } from '#contract/language.ts';
import type { en } from './en.ts';

type English = typeof en;
export type Key = keyof English;

type Wording<K extends Key> = English[K] extends { other: infer Other } ? Other : English[K];
type Holes<Text> = Text extends `${string}{${infer Hole}}${infer Rest}`
  ? Hole | Holes<Rest>
  : never;
/** What `t(key)` must be given: nothing, or every `{hole}` of the text. */
type Filling<K extends Key> = [Holes<Wording<K>>] extends [never]
  ? []
  : [values: Readonly<Record<Holes<Wording<K>>, string | number>>];

export type Translate = <K extends Key>(key: K, ...filling: Filling<K>) => string;

/** All texts of one language. */
export type Dictionary = Readonly<
  Record<Key, string | Readonly<Partial<Record<Intl.LDMLPluralRule, string>>>>
>;

/** Numbers are written the language's way; `{n}` chooses the plural form. */
export function makeTranslate(language: Language, texts: Dictionary): Translate {
  const plural = new Intl.PluralRules(language);
  const number = new Intl.NumberFormat(language);
  return (key, ...filling) => {
    const values: Readonly<Record<string, string | number>> = filling[0] ?? {};
    const text = texts[key];
    const wording =
      typeof text === 'string' ? text : (text[plural.select(Number(values['n']))] ?? text.other);
    return (wording ?? key).replaceAll(/\{(\w+)\}/g, (_, hole: string) => {
      const value = values[hole] ?? '';
      return typeof value === 'number' ? number.format(value) : value;
    });
  };
}

/** The language chosen earlier, else the first of the browser's that we speak, else English. */
export function chooseLanguage(chosen: string | null, preferred: readonly string[]): Language {
  if (chosen === 'en' || chosen === 'ru') return chosen;
  for (const tag of preferred) {
    const language = tag.toLowerCase().split('-')[0];
    if (language === 'en' || language === 'ru') return language;
  }
  return 'en';
}

/** The browser's own region of a language ("en-GB" has other dates than "en"), or just the language. */
export function localeOf(language: Language, preferred: readonly string[]): string {
  return preferred.find((tag) => tag.toLowerCase().split('-')[0] === language) ?? language;
}

import {
  createContext,
  useContext,
  useLayoutEffect,
  useMemo,
  useState,
  type ReactNode,
} from 'react';
import type { Language } from '#contract/language.ts';
import { makeFormat, type Format } from '../format.ts';
import { recall, remember } from '../remember.ts';
import { chooseLanguage, localeOf, makeTranslate, type Translate } from './messages.ts';

export interface Words {
  language: Language;
  setLanguage: (language: Language) => void;
  t: Translate;
  format: Format;
}

const Context = createContext<Words | null>(null);

/** Gives everything below it one language and its way of writing numbers and times. */
export function WordsProvider({ children }: { children: ReactNode }) {
  const [language, setLanguage] = useState(() =>
    chooseLanguage(recall('language'), navigator.languages),
  );
  useLayoutEffect(() => {
    document.documentElement.lang = language;
  }, [language]);
  const words = useMemo<Words>(() => {
    const t = makeTranslate(language);
    return {
      language,
      setLanguage(chosen) {
        remember('language', chosen);
        setLanguage(chosen);
      },
      t,
      format: makeFormat(localeOf(language, navigator.languages), t),
    };
  }, [language]);
  return <Context.Provider value={words}>{children}</Context.Provider>;
}

export function useWords(): Words {
  const words = useContext(Context);
  if (!words) throw new Error('useWords outside WordsProvider');
  return words;
}

import {
  createContext,
  useContext,
  useLayoutEffect,
  useMemo,
  useState,
  type ReactNode,
} from 'react';
import type { Language } from '#contract/language.ts';
import { makeFormat, ZONES, type Format, type Zone } from '../format.ts';
import { recall, remember } from '../remember.ts';
import { chooseLanguage, localeOf, makeTranslate, type Translate } from './messages.ts';

export interface Words {
  language: Language;
  setLanguage: (language: Language) => void;
  zone: Zone;
  setZone: (zone: Zone) => void;
  t: Translate;
  format: Format;
}

const Context = createContext<Words | null>(null);

/** Gives everything below it one language and its way of writing numbers and times. */
export function WordsProvider({ children }: { children: ReactNode }) {
  const [language, setLanguage] = useState(() =>
    chooseLanguage(recall('language'), navigator.languages),
  );
  const [zone, setZone] = useState(() => ZONES.find((one) => one === recall('zone')) ?? 'browser');
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
      zone,
      setZone(chosen) {
        remember('zone', chosen);
        setZone(chosen);
      },
      t,
      format: makeFormat(localeOf(language, navigator.languages), t, zone),
    };
  }, [language, zone]);
  return <Context.Provider value={words}>{children}</Context.Provider>;
}

export function useWords(): Words {
  const words = useContext(Context);
  if (!words) throw new Error('useWords outside WordsProvider');
  return words;
}

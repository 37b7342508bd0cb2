import {
  createContext,
  useContext,
  useEffect,
  useLayoutEffect,
  useMemo,
  useState,
  type ReactNode,
} from 'react';
import type { Language } from '#contract/language.ts';
import { makeFormat, ZONES, type Format, type Zone } from '../format.ts';
import { recall, remember } from '../remember.ts';
import {
  chooseLanguage,
  localeOf,
  makeTranslate,
  type Dictionary,
  type Translate,
} from './messages.ts';

export interface Words {
  language: Language;
  setLanguage: (language: Language) => void;
  zone: Zone;
  setZone: (zone: Zone) => void;
  t: Translate;
  format: Format;
}

const DICTIONARIES: Record<Language, () => Promise<Dictionary>> = {
  en: async () => (await import('./en.ts')).en,
  ru: async () => (await import('./ru.ts')).ru,
};

const NOT_LOADED =
  'The page could not be loaded whole. Reload it. · Страница загрузилась не целиком. Обновите её.';

const Context = createContext<Words | null>(null);

/** Gives everything below it one language and its way of writing numbers and times. */
export function WordsProvider({ children }: { children: ReactNode }) {
  const [language, setLanguage] = useState(() =>
    chooseLanguage(recall('language'), navigator.languages),
  );
  const [zone, setZone] = useState(() => ZONES.find((one) => one === recall('zone')) ?? 'browser');
  // The language of what is on the screen: the chosen one as soon as its texts are there.
  const [shown, setShown] = useState<{ language: Language; texts: Dictionary } | null>(null);
  const [failed, setFailed] = useState(false);
  useEffect(() => {
    let wanted = true;
    DICTIONARIES[language]().then(
      (texts) => wanted && setShown({ language, texts }),
      () => wanted && setFailed(true),
    );
    return () => {
      wanted = false;
    };
  }, [language]);
  useLayoutEffect(() => {
    if (shown) document.documentElement.lang = shown.language;
  }, [shown]);
  const words = useMemo<Words | null>(() => {
    if (!shown) return null;
    const t = makeTranslate(shown.language, shown.texts);
    return {
      language: shown.language,
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
      format: makeFormat(localeOf(shown.language, navigator.languages), t, zone),
    };
  }, [shown, zone]);
  if (words) return <Context.Provider value={words}>{children}</Context.Provider>;
  // There are no words to say it in but these.
  return failed ? <p className="centre">{NOT_LOADED}</p> : null;
}

export function useWords(): Words {
  const words = useContext(Context);
  if (!words) throw new Error('useWords outside WordsProvider');
  return words;
}

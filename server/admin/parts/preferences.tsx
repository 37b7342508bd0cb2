import { useState } from 'react';
import { useWords } from '../i18n/words.tsx';
import { chooseTheme, chosenTheme, THEMES } from '../theme.ts';

const THEME_WORDS = {
  auto: 'top.themeAuto',
  light: 'top.themeLight',
  dark: 'top.themeDark',
} as const;

/** Language and theme of this browser. */
export function Preferences() {
  const { t, language, setLanguage } = useWords();
  const [theme, setTheme] = useState(chosenTheme);
  return (
    <div className="preferences">
      <label>
        <span className="visually-hidden">{t('top.theme')}</span>
        <select
          value={theme}
          onChange={(event) => {
            const chosen = THEMES.find((one) => one === event.currentTarget.value) ?? 'auto';
            setTheme(chosen);
            chooseTheme(chosen);
          }}
        >
          {THEMES.map((one) => (
            <option key={one} value={one}>
              {t(THEME_WORDS[one])}
            </option>
          ))}
        </select>
      </label>
      <div className="switch" role="group" aria-label={t('top.language')}>
        {(['en', 'ru'] as const).map((one) => (
          <button
            key={one}
            type="button"
            lang={one}
            aria-pressed={language === one}
            onClick={() => setLanguage(one)}
          >
            <span aria-hidden="true">{one.toUpperCase()}</span>
            <span className="visually-hidden">{one === 'en' ? 'English' : 'Русский'}</span>
          </button>
        ))}
      </div>
    </div>
  );
}

import { useState } from 'react';
import { ZONES } from '../format.ts';
import { useWords } from '../i18n/words.tsx';
import { chooseTheme, chosenTheme, THEMES } from '../theme.ts';
import { Choice } from './choice.tsx';

const THEME_WORDS = {
  auto: 'top.themeAuto',
  light: 'top.themeLight',
  dark: 'top.themeDark',
} as const;

const LANGUAGES = [
  { value: 'en', text: 'English', lang: 'en' },
  { value: 'ru', text: 'Русский', lang: 'ru' },
] as const;

/** Language, theme and zone of times of this browser. */
export function Preferences() {
  const { t, language, setLanguage, zone, setZone } = useWords();
  const [theme, setTheme] = useState(chosenTheme);
  const here = new Intl.DateTimeFormat().resolvedOptions().timeZone;
  return (
    <div className="preferences">
      <Choice
        label={t('top.language')}
        value={language}
        options={LANGUAGES}
        onChoose={setLanguage}
      />
      <Choice
        label={t('top.theme')}
        value={theme}
        options={THEMES.map((value) => ({ value, text: t(THEME_WORDS[value]) }))}
        onChoose={(chosen) => {
          setTheme(chosen);
          chooseTheme(chosen);
        }}
      />
      <Choice
        label={t('top.zone')}
        value={zone}
        options={ZONES.map((value) => ({
          value,
          text: value === 'utc' ? t('top.zoneUtc') : t('top.zoneBrowser', { zone: here }),
        }))}
        onChoose={setZone}
      />
    </div>
  );
}

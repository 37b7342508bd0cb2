import { describe, expect, test } from 'vitest';
import { en } from './en.ts';
import { chooseLanguage, localeOf, makeTranslate } from './messages.ts';
import { ru } from './ru.ts';

const t = makeTranslate('ru', ru);

test.each([
  [0, '0 майнеров'],
  [1, '1 майнер'],
  [3, '3 майнера'],
  [5, '5 майнеров'],
  [11, '11 майнеров'],
  [21, '21 майнер'],
  [112, '112 майнеров'],
  [2_001, '2\u00a0001 майнер'],
])('Russian counts %s as "%s"', (n, text) => {
  expect(t('miners.count', { n })).toBe(text);
});

test('English counts one and many', () => {
  const english = makeTranslate('en', en);
  expect(english('miners.count', { n: 1 })).toBe('1 miner');
  expect(english('miners.count', { n: 2_000 })).toBe('2,000 miners');
});

test('what is filled in is not read for holes again', () => {
  expect(t('reg.doneTitle', { name: '{name} $& <b>' })).toBe('Агент {name} $& <b> добавлен');
});

const holes = (text: string) => [...new Set(text.match(/\{\w+\}/g))].sort();
const wordings = (text: string | object): string[] =>
  typeof text === 'string' ? [text] : Object.values(text);

describe('both languages fill in the same', () => {
  test.each(Object.keys(en) as (keyof typeof en)[])('%s', (key) => {
    const [wanted = ''] = wordings(en[key]);
    for (const text of [...wordings(en[key]), ...wordings(ru[key])]) {
      expect(holes(text)).toEqual(holes(wanted));
      expect(text.trim()).not.toBe('');
    }
  });
});

test('the language chosen earlier wins, then the first of the browser we speak, then English', () => {
  expect(chooseLanguage('en', ['ru-RU'])).toBe('en');
  expect(chooseLanguage(null, ['de-DE', 'ru-RU', 'en'])).toBe('ru');
  expect(chooseLanguage('xx', ['de', 'fr'])).toBe('en');
});

test('dates are written as in the reader’s region', () => {
  expect(localeOf('en', ['ru-RU', 'en-GB', 'en-US'])).toBe('en-GB');
  expect(localeOf('ru', ['en-GB'])).toBe('ru');
});

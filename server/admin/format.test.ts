import { describe, expect, test } from 'vitest';
import { makeFormat } from './format.ts';
import { en as english } from './i18n/en.ts';
import { makeTranslate } from './i18n/messages.ts';
import { ru as russian } from './i18n/ru.ts';

const en = makeFormat('en', makeTranslate('en', english));
const ru = makeFormat('ru', makeTranslate('ru', russian));
/** Intl separates with no-break and narrow no-break spaces. */
const plain = (text: string) => text.replaceAll(/[\u00a0\u202f]/g, ' ');

describe('hashrate', () => {
  test.each([
    [null, '—'],
    [0, '0 TH/s'],
    [0.0095, '9.5 GH/s'],
    [0.5, '500 GH/s'],
    [104, '104 TH/s'],
    [95.26, '95.3 TH/s'],
    [999.9, '999.9 TH/s'],
    [1_234, '1.23 PH/s'],
    [216_180, '216.2 PH/s'],
    [1_500_000, '1.5 EH/s'],
  ])('%s TH/s is written "%s"', (ths, text) => {
    expect(en.hashrate(ths)).toBe(text);
  });

  test('in a column, the unit and the digits are those of what is expected', () => {
    expect(en.hashrateIn(95, 104)).toBe('95.0');
    expect(en.hashrateIn(0, 104)).toBe('0.0');
    expect(en.hashrateIn(0.004, 0.0095)).toBe('4.0');
    expect(en.hashrateIn(null, 104)).toBe('—');
  });
});

test('power changes to kW and MW where W becomes hard to read', () => {
  expect(en.power(3_250)).toBe('3,250 W');
  expect(en.power(0)).toBe('0 W');
  expect(en.power(410_500)).toBe('410.5 kW');
  expect(en.power(3_790_000)).toBe('3.79 MW');
  expect(plain(ru.power(3_790_000))).toBe('3,79 МВт');
  expect(en.power(null)).toBe('—');
});

test('what is not reported is a dash, and zero is zero', () => {
  expect(en.fan(null)).toBe('—');
  expect(en.fan(0)).toBe('0 rpm');
  expect(en.temperature(null)).toBe('—');
  expect(en.temperature(-3.4)).toBe('-3 °C');
});

describe('ages', () => {
  const now = Date.parse('2026-03-01T12:00:00Z');
  const at = (secondsAgo: number) => new Date(now - secondsAgo * 1000).toISOString();
  test.each([
    [0, 'just now', 'только что'],
    [-30, 'just now', 'только что'],
    [42, '42 sec. ago', '42 сек. назад'],
    [119, '1 min. ago', '1 мин. назад'],
    [3_600, '1 hr. ago', '1 ч назад'],
    [47 * 3_600, '47 hr. ago', '47 ч назад'],
    [3 * 86_400, '3 days ago', '3 дн. назад'],
  ])('%s s', (seconds, english, russian) => {
    expect(plain(en.ago(at(seconds), now))).toBe(english);
    expect(plain(ru.ago(at(seconds), now))).toBe(russian);
  });

  test('what is no time is not made one', () => {
    expect(en.ago('yesterday', now)).toBe('—');
    expect(en.exact('yesterday')).toBe('yesterday');
  });
});

import { expect, test } from 'vitest';
import { en, ru } from '../messages.ts';
import { scaledRate, sizeText } from './terminal.ts';

test.each([
  [0, '0 B', '0 Б'],
  [999, '999 B', '999 Б'],
  [5570, '5.6 kB', '5.6 кБ'],
  [72_900_000_000, '72.9 GB', '72.9 ГБ'],
  [3e18, '3000000.0 TB', '3000000.0 ТБ'],
])('%d bytes', (bytes, english, russian) => {
  expect(sizeText(bytes, en.sizeUnits)).toBe(english);
  expect(sizeText(bytes, ru.sizeUnits)).toBe(russian);
});

test.each([
  [0, 0, 'TH/s'],
  [8.9e-7, 890, 'kH/s'],
  [0.0095, 9.5, 'GH/s'],
  [207.71670999999998, 207.71671, 'TH/s'],
  [1500, 1500, 'TH/s'],
  [25_000, 25, 'PH/s'],
])('%d TH/s', (ths, value, unit) => {
  expect(scaledRate(ths)).toEqual({ value, unit });
});

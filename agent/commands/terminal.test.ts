import { expect, test } from 'vitest';
import { en, ru } from '../messages.ts';
import { sizeText } from './terminal.ts';

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

import type { Random } from './random.ts';

export const NASTY_TEXTS: readonly string[] = [
  '',
  ' ',
  '\0',
  'a\0b',
  '\\',
  'ends with a backslash\\',
  'line\nbreak,tag=x field=1i 1',
  '\ud800',
  '\udfff\u202e\u2028',
  '../../etc/passwd',
  '<script>alert(1)</script>',
  "'; drop table miners; --",
  '{{7*7}}${7*7}',
  '%00%0a',
  'NaN',
  '-Infinity',
  '1e999',
  '0x1F',
  '१२३',
  '2026-02-30T25:61:61Z',
  '9999-12-31T23:59:59.999999999+99:99',
  '0000-00-00T00:00:00Z',
  '-271821-04-20T00:00:00Z',
  '999.999.999.999',
  '::ffff:127.0.0.1%eth0',
  '010.1',
  'ff:ff:ff:ff:ff:ff',
  '00000000-0000-0000-0000-000000000000',
  'é'.repeat(300),
  'x'.repeat(70_000),
];

const NASTY_VALUES: readonly unknown[] = [
  null,
  true,
  false,
  0,
  -0,
  -1,
  0.1,
  255,
  65_536,
  2 ** 31,
  2 ** 53,
  -(2 ** 63),
  1e21,
  1e308,
  -1e308,
  5e-324,
  [],
  {},
  [null],
  [[]],
  { toString: 1 },
  { length: 1e9 },
  [1, 'two', { three: 3 }],
];

const FOREIGN_KEYS = ['constructor', 'prototype', 'toString', 'hasOwnProperty', 'x', '0', ''];

type Container = Record<string, unknown> | unknown[];

/** Spoils `times` places of a tree: another value, one missing, one more, or two changed for each other. */
export function mutate(tree: Container, random: Random, times: number): void {
  for (let done = 0; done < times; done += 1) {
    const all = containersIn(tree);
    const holder = random.pick(all);
    const isList = Array.isArray(holder);
    const keys = Object.keys(holder);
    const key = keys.length > 0 ? random.pick(keys) : isList ? '0' : 'name';
    const at = holder as Record<string, unknown>;
    switch (random.below(8)) {
      case 0:
        if (isList) holder.splice(Number(key) || 0, 1);
        else delete at[key];
        break;
      case 1:
        if (isList) holder.push(nastyValue(random));
        else at[random.pick(FOREIGN_KEYS)] = nastyValue(random);
        break;
      case 2: {
        const other = random.pick(all) as Record<string, unknown>;
        const otherKey = random.pick([...Object.keys(other), 'x']);
        if (!reaches(other[otherKey], holder)) at[key] = structuredClone(other[otherKey]);
        break;
      }
      default:
        at[key] = nastyValue(random);
    }
  }
}

const nastyValue = (random: Random): unknown =>
  structuredClone(random.pick<unknown>(random.below(2) > 0 ? NASTY_VALUES : NASTY_TEXTS));

function containersIn(value: unknown): Container[] {
  if (typeof value !== 'object' || value === null) return [];
  return [value as Container, ...Object.values(value).flatMap(containersIn)];
}

const reaches = (value: unknown, holder: Container): boolean =>
  containersIn(value).includes(holder);

import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';

const css = readFileSync(new URL('tokens.css', import.meta.url), 'utf8');

/** Token name → its colour in the light and the dark theme. */
const tokens = new Map(
  [...css.matchAll(/--([\w-]+): (?:light-dark\((#\w{6}), (#\w{6})\)|(#\w{6}));/g)].map(
    ([, name = '', light = '', dark = '', both]) => [name, [both ?? light, both ?? dark]],
  ),
);

/** Relative luminance as WCAG 2 defines it. */
function luminance(hex: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
    const channel = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(a: string, b: string): number {
  const [dark = 0, light = 0] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (light + 0.05) / (dark + 0.05);
}

const TONES = ['good', 'warn', 'bad', 'idle', 'unknown'];
const TEXT_ON: [text: string, ground: string][] = [
  ...['ground', 'panel', 'raised', 'idle-soft', 'accent-soft'].map((on): [string, string] => [
    'text',
    on,
  ]),
  ...['ground', 'panel', 'raised', 'idle-soft'].map((on): [string, string] => ['muted', on]),
  ...['panel', 'ground'].map((on): [string, string] => ['accent', on]),
  ...TONES.flatMap((tone): [string, string][] => [
    [tone, `${tone}-soft`],
    [tone, 'panel'],
    ['text', `${tone}-soft`],
  ]),
  ['on-accent', 'accent-ground'],
];

describe.each(['light', 'dark'])('%s theme', (theme) => {
  const colour = (name: string) => tokens.get(name)?.[theme === 'light' ? 0 : 1] ?? '';

  test.each(TEXT_ON)('%s is legible on %s', (text, ground) => {
    expect(contrast(colour(text), colour(ground))).toBeGreaterThanOrEqual(4.5);
  });
  test('the edge of a field can be seen', () => {
    expect(contrast(colour('line-strong'), colour('panel'))).toBeGreaterThanOrEqual(3);
  });
});

import type { Line } from '../testing/dashboards.ts';
import { text, type Frame } from './draw.ts';
import { formatted } from './format.ts';
import { settingOf, thresholdColour } from './settings.ts';
import { colourOf } from './theme.ts';

type Rows = readonly Record<string, unknown>[];

/** Numbers side by side, each with its name when there are several. */
export function stat(frame: Frame, lines: readonly Line[], rows: Rows): string {
  const { panel, width, height, theme } = frame;
  const newest = lines.map(({ name, points }): [string, unknown] => [
    name,
    points.findLast(([, value]) => value !== null)?.[1],
  ]);
  const numbers = rows.length > 0 ? Object.entries(rows[0] ?? {}) : newest;
  if (numbers.length === 0)
    return text(
      width / 2,
      height / 2 + 12,
      panel.fieldConfig?.defaults.noValue ?? '–',
      theme.text,
      20,
      'text-anchor="middle"',
    );
  const room = width / numbers.length;
  return numbers
    .map(([name, value], index) => {
      const centre = room * (index + 0.5);
      const states = panel.fieldConfig?.defaults.mappings?.[0]?.options ?? {};
      const state = states[String(value)];
      const fixed = settingOf(panel, name, 'color') as { fixedColor?: string } | undefined;
      const colour = colourOf(
        state?.color ?? fixed?.fixedColor ?? thresholdColour(panel, name, value) ?? 'text',
        theme,
      );
      const unit =
        (settingOf(panel, name, 'unit') as string | undefined) ?? panel.fieldConfig?.defaults.unit;
      const shown = state?.text ?? formatted(value, unit);
      return (
        text(centre, height / 2 + 16, shown, colour, 22, 'text-anchor="middle"') +
        (numbers.length > 1
          ? text(centre, height / 2 + 36, name, theme.muted, 11, 'text-anchor="middle"')
          : '')
      );
    })
    .join('');
}

const LINE = 24;
const LETTER = 6.3;

const cut = (content: string, room: number) => {
  const letters = Math.floor((room - 8) / LETTER);
  return content.length > letters ? `${content.slice(0, Math.max(letters - 1, 1))}…` : content;
};

/** As many rows as there is room for; a text that is too long is cut, as in Grafana. */
export function table(frame: Frame, rows: Rows): string {
  const { panel, width, height, theme } = frame;
  const columns = Object.keys(rows[0] ?? {}).filter(
    (name) => settingOf(panel, name, 'custom.hidden') !== true,
  );
  const fixed = columns.map((name) => settingOf(panel, name, 'custom.width') as number | undefined);
  const taken = fixed.reduce<number>((sum, one) => sum + (one ?? 0), 0);
  const share = Math.max(
    (width - taken - 10) / Math.max(fixed.filter((one) => one === undefined).length, 1),
    50,
  );
  const widths = fixed.map((one) => one ?? share);
  const starts = widths.map(
    (_, index) => 10 + widths.slice(0, index).reduce((sum, one) => sum + one, 0),
  );
  const head = columns.map((name, index) =>
    text(
      starts[index] ?? 0,
      44,
      cut(name, widths[index] ?? 50),
      theme.muted,
      11,
      'font-weight="600"',
    ),
  );
  const fitting = Math.floor((height - 54) / LINE);
  const body = rows.slice(0, fitting).flatMap((row, nth) => {
    const y = 44 + (nth + 1) * LINE;
    return columns.map((name, index) => {
      const value = row[name];
      const isLink = settingOf(panel, name, 'links') !== undefined;
      const states = settingOf(panel, name, 'mappings') as
        | { options: Record<string, { text: string; color: string }> }[]
        | undefined;
      const state = states?.[0]?.options[String(value)];
      const named =
        state?.color ??
        (settingOf(panel, name, 'thresholds') === undefined
          ? undefined
          : thresholdColour(panel, name, value));
      const colour =
        named === undefined
          ? isLink
            ? colourOf('blue', theme)
            : theme.text
          : colourOf(named, theme);
      const shown =
        state?.text ??
        formatted(
          value,
          settingOf(panel, name, 'unit') as string | undefined,
          settingOf(panel, name, 'decimals') as number | undefined,
        );
      return text(starts[index] ?? 0, y, cut(shown, widths[index] ?? 50), colour, 12);
    });
  });
  const rest =
    rows.length > fitting
      ? text(width - 10, 20, `${rows.length} rows`, theme.muted, 11, 'text-anchor="end"')
      : '';
  return [...head, ...body, rest].join('');
}

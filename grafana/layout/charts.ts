import type { Line } from '../testing/dashboards.ts';
import { round, text, type Frame } from './draw.ts';
import { formatted } from './format.ts';
import { settingOf } from './settings.ts';
import { colourOf, paletteColour } from './theme.ts';

const LEFT = 64;
const TOP = 32;
const BOTTOM = 40;
const MOST_POINTS = 240;

/** Lines, or areas piled up, with an axis and a legend. */
export function chart(frame: Frame, lines: readonly Line[]): string {
  const { panel, width, height, theme } = frame;
  const defaults = panel.fieldConfig?.defaults;
  const isStacked = JSON.stringify(defaults?.custom ?? {}).includes('"mode":"normal"');
  const drawn = (isStacked ? piledUp(lines) : lines).map(thinned);
  const values = drawn.flatMap(({ points }) =>
    points.flatMap(([, value]) => (value === null ? [] : [value])),
  );
  const low = Math.min(defaults?.min ?? Math.min(...values), ...values);
  const high =
    Math.max(...values, low + 1e-9) + (Math.max(...values) === low ? Math.abs(low) * 0.1 + 1 : 0);
  const x = (timeS: number) =>
    LEFT + ((timeS - frame.from) / (frame.to - frame.from)) * (width - LEFT - 12);
  const y = (value: number) =>
    height - BOTTOM - ((value - low) / (high - low)) * (height - BOTTOM - TOP);
  const grid = [0, 0.25, 0.5, 0.75, 1].map((share) => {
    const value = low + share * (high - low);
    return (
      `<line x1="${LEFT}" x2="${width - 12}" y1="${round(y(value))}" y2="${round(y(value))}" stroke="${theme.grid}"/>` +
      text(
        LEFT - 6,
        y(value) + 4,
        formatted(value, defaults?.unit),
        theme.muted,
        10,
        'text-anchor="end"',
      )
    );
  });
  const paths = drawn.map((line, index) => {
    const colour = colourFor(frame, line.name, index);
    const dash =
      settingOf(panel, line.name, 'custom.lineStyle') === undefined
        ? ''
        : ' stroke-dasharray="6 5"';
    const floor = isStacked ? (drawn[index - 1]?.points ?? []) : [];
    const area = isStacked
      ? `<path d="${pathOf(line.points, x, y)}${backOver(line.points, floor, x, y, low)}" fill="${colour}" fill-opacity="0.45"/>`
      : '';
    return `${area}<path d="${pathOf(line.points, x, y)}" fill="none" stroke="${colour}" stroke-width="1.3"${dash}/>`;
  });
  return [...grid, ...paths.reverse(), ...times(frame, x), legend(frame, lines)].join('');
}

function colourFor({ panel, theme }: Frame, name: string, index: number): string {
  const set = settingOf(panel, name, 'color') as { fixedColor?: string } | undefined;
  return set?.fixedColor === undefined ? paletteColour(index) : colourOf(set.fixedColor, theme);
}

type Points = Line['points'];
type Scale = (value: number) => number;

function pathOf(points: Points, x: Scale, y: Scale): string {
  let isOpen = false;
  return points
    .map(([timeS, value]) => {
      if (value === null) {
        isOpen = false;
        return '';
      }
      const step = `${isOpen ? 'L' : 'M'}${round(x(timeS))} ${round(y(value))}`;
      isOpen = true;
      return step;
    })
    .join('');
}

function backOver(points: Points, floor: Points, x: Scale, y: Scale, low: number): string {
  const below = new Map(floor);
  const known = points.filter(([, value]) => value !== null);
  return `${known
    .toReversed()
    .map(([timeS]) => `L${round(x(timeS))} ${round(y(below.get(timeS) ?? low))}`)
    .join('')}Z`;
}

/** Each line on the shoulders of those before it. */
function piledUp(lines: readonly Line[]): Line[] {
  const sums = new Map<number, number>();
  return lines.map(({ name, points }) => ({
    name,
    points: points.map(([timeS, value]): [number, number | null] => {
      if (value === null) return [timeS, null];
      const sum = (sums.get(timeS) ?? 0) + value;
      sums.set(timeS, sum);
      return [timeS, sum];
    }),
  }));
}

function thinned({ name, points }: Line): Line {
  const every = Math.ceil(points.length / MOST_POINTS);
  return { name, points: points.filter((_, index) => index % every === 0) };
}

function times({ from, to, height, theme }: Frame, x: Scale): string[] {
  return [0.1, 0.3, 0.5, 0.7, 0.9].map((share) => {
    const timeS = from + share * (to - from);
    return text(
      x(timeS),
      height - 26,
      new Date(timeS * 1000).toISOString().slice(11, 16),
      theme.muted,
      10,
      'text-anchor="middle"',
    );
  });
}

function legend(frame: Frame, lines: readonly Line[]): string {
  let at = 12;
  return lines
    .map(({ name }, index) => {
      const place = at;
      at += 26 + name.length * 6.2;
      if (at > frame.width) return '';
      const colour = colourFor(frame, name, index);
      return `<rect x="${round(place)}" y="${frame.height - 15}" width="14" height="3" fill="${colour}"/>${text(place + 18, frame.height - 10, name, frame.theme.text, 11)}`;
    })
    .join('');
}

/** Bands of states. */
export function timeline(frame: Frame, lines: readonly Line[]): string {
  const { panel, width, height, theme, from, to } = frame;
  const states = panel.fieldConfig?.defaults.mappings?.[0]?.options ?? {};
  const band = (height - TOP - BOTTOM) / lines.length;
  return lines
    .map(({ name, points }, row) => {
      const top = TOP + row * band;
      const scale = (timeS: number) =>
        LEFT + 20 + ((timeS - from) / (to - from)) * (width - LEFT - 32);
      const bars = points.map(([timeS, value], index) => {
        if (value === null || points[index - 1]?.[1] === value) return '';
        const end = points.slice(index).find(([, other]) => other !== value)?.[0] ?? to;
        const colour = colourOf(states[String(value)]?.color ?? 'blue', theme);
        return `<rect x="${round(scale(timeS))}" y="${round(top + 4)}" width="${round(scale(end) - scale(timeS))}" height="${round(band - 8)}" fill="${colour}" fill-opacity="0.75"/>`;
      });
      return (
        text(LEFT + 12, top + band / 2 + 4, name, theme.text, 11, 'text-anchor="end"') +
        bars.join('')
      );
    })
    .join('');
}

const SHADES = ['#fdd0a2', '#fdae6b', '#fd8d3c', '#e6550d', '#a63603'];
const ROW_OF = 5;

/** How many lines lie in each row and moment. */
export function heat(frame: Frame, lines: readonly Line[]): string {
  const { panel, width, height, theme, from, to } = frame;
  const counts = new Map<string, number>();
  const moments = new Set<number>();
  for (const { points } of lines) {
    for (const [timeS, value] of points) {
      if (value === null) continue;
      moments.add(timeS);
      const key = `${timeS} ${Math.floor(value / ROW_OF) * ROW_OF}`;
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
  }
  const cells = [...counts].map(([key, count]) => {
    const [timeS = 0, value = 0] = key.split(' ').map(Number);
    return { timeS, value, count };
  });
  const low = Math.min(...cells.map(({ value }) => value));
  const high = Math.max(...cells.map(({ value }) => value)) + ROW_OF;
  const most = Math.max(...cells.map(({ count }) => count));
  const rowHeight = (height - TOP - BOTTOM) / ((high - low) / ROW_OF);
  const x = (timeS: number) => LEFT + ((timeS - from) / (to - from)) * (width - LEFT - 12);
  const y = (value: number) => height - BOTTOM - ((value - low) / ROW_OF) * rowHeight;
  const cellWidth = Math.max((width - LEFT - 12) / moments.size - 1, 1);
  const rows: string[] = [];
  for (let value = low; value <= high; value += ROW_OF) {
    rows.push(
      text(
        LEFT - 6,
        y(value) + 4,
        formatted(value, panel.options?.['yAxis'] ? 'celsius' : 'none'),
        theme.muted,
        10,
        'text-anchor="end"',
      ),
    );
  }
  const drawn = cells.map(({ timeS, value, count }) => {
    const shade =
      SHADES[Math.min(Math.floor((count / most) * SHADES.length), SHADES.length - 1)] ?? '#fd8d3c';
    return `<rect x="${round(x(Math.max(timeS, from)))}" y="${round(y(value) - rowHeight)}" width="${round(cellWidth)}" height="${round(rowHeight - 1)}" fill="${shade}"/>`;
  });
  return [...rows, ...drawn, ...times(frame, x)].join('');
}

import type { Line, Shown } from '../testing/dashboards.ts';
import type { DashboardJson, PanelJson } from '../testing/queries.ts';
import { chart, heat, timeline } from './charts.ts';
import { stat, table } from './numbers.ts';
import { THEMES, type Theme } from './theme.ts';

const COLUMN = 60;
const ROW = 34;
const GAP = 8;
const HEAD = 46;

/** Where a panel's inside is, and what it is drawn with. */
export interface Frame {
  panel: PanelJson;
  width: number;
  height: number;
  theme: Theme;
  from: number;
  to: number;
}

/** A dashboard as a picture: each panel in its place with its own data. For eyes that judge the layout, not for users. */
export async function draw(
  dashboard: DashboardJson,
  shown: Shown,
  themeName: keyof typeof THEMES,
): Promise<string> {
  const theme = THEMES[themeName];
  const bottom = Math.max(...dashboard.panels.map(({ gridPos }) => gridPos.y + gridPos.h));
  const [width, height] = [24 * COLUMN + GAP, bottom * ROW + HEAD + GAP];
  const parts: string[] = [];
  for (const panel of dashboard.panels) {
    const { x, y, w, h } = panel.gridPos;
    const place = `translate(${x * COLUMN + GAP},${y * ROW + HEAD})`;
    parts.push(
      `<g transform="${place}">${await inside(panel, shown, w * COLUMN - GAP, h * ROW - GAP, theme)}</g>`,
    );
  }
  const variables = dashboard.templating.list
    .filter(({ hide }) => hide !== 2)
    .map(({ name }) => `${name}: ${chosenText(shown, name)}`)
    .join('   ');
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="Inter, Helvetica, Arial, sans-serif" font-size="12">`,
    `<rect width="${width}" height="${height}" fill="${theme.canvas}"/>`,
    text(12, 28, dashboard.title, theme.text, 18),
    text(160 + dashboard.title.length * 4, 28, variables, theme.muted, 13),
    ...parts,
    '</svg>\n',
  ].join('\n');
}

function chosenText(shown: Shown, name: string): string {
  const value = shown.variables[name];
  if (value === undefined) return '';
  return typeof value === 'string' ? value : 'all' in value ? 'All' : value.join(' + ');
}

const seconds = (date: Date) => date.getTime() / 1000;

async function inside(
  panel: PanelJson,
  shown: Shown,
  width: number,
  height: number,
  theme: Theme,
): Promise<string> {
  if (panel.type === 'row') return text(4, 20, `▾ ${panel.title}`, theme.text, 15);
  const frame: Frame = {
    panel,
    width,
    height,
    theme,
    from: seconds(shown.from),
    to: seconds(shown.to),
  };
  const lines: Line[] = panel.type === 'table' ? [] : await shown.lines(panel);
  const rows = await shown.table(panel);
  const body = (() => {
    if (panel.type === 'table') return rows.length > 0 ? table(frame, rows) : null;
    if (panel.type === 'stat') return stat(frame, lines, rows);
    if (lines.length === 0) return null;
    if (panel.type === 'heatmap') return heat(frame, lines);
    return panel.type === 'state-timeline' ? timeline(frame, lines) : chart(frame, lines);
  })();
  const empty = panel.fieldConfig?.defaults.noValue ?? 'no data';
  return [
    `<rect width="${width}" height="${height}" rx="2" fill="${theme.panel}" stroke="${theme.border}"/>`,
    text(10, 20, panel.title, theme.text, 13, 'font-weight="600"'),
    body ?? text(width / 2, height / 2 + 8, empty, theme.muted, 12, 'text-anchor="middle"'),
  ].join('');
}

export function text(
  x: number,
  y: number,
  content: string,
  fill: string,
  size = 12,
  more = '',
): string {
  const safe = content.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  return `<text x="${round(x)}" y="${round(y)}" fill="${fill}" font-size="${size}" ${more}>${safe}</text>`;
}

export function round(value: number): number {
  return Math.round(value * 10) / 10;
}

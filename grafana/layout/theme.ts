/** Grafana's two themes, as far as the pictures need them. */
export const THEMES = {
  dark: {
    canvas: '#111217',
    panel: '#181b1f',
    border: '#2b2f36',
    text: '#d0d1d6',
    muted: '#8e9097',
    grid: '#25282e',
  },
  light: {
    canvas: '#f4f5f5',
    panel: '#ffffff',
    border: '#dcdde0',
    text: '#24292e',
    muted: '#6e7177',
    grid: '#eceef0',
  },
} as const;
export type Theme = (typeof THEMES)[keyof typeof THEMES];

const NAMED: Record<string, string> = {
  green: '#73bf69',
  orange: '#ff9830',
  red: '#f2495c',
  blue: '#5794f2',
  'semi-dark-purple': '#a352cc',
  'semi-dark-orange': '#ff780a',
  'semi-dark-red': '#e02f44',
};
const PALETTE = [
  '#73bf69',
  '#f2cc0c',
  '#8ab8ff',
  '#ff780a',
  '#f2495c',
  '#5794f2',
  '#b877d9',
  '#705da0',
];

export function colourOf(name: string, theme: Theme): string {
  return name === 'text' ? theme.text : (NAMED[name] ?? name);
}

export function paletteColour(index: number): string {
  return PALETTE[index % PALETTE.length] ?? '#73bf69';
}

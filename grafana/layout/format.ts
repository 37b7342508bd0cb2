const SCALES: Record<string, { step: number; names: readonly string[] }> = {
  THs: { step: 1000, names: ['TH/s', 'PH/s', 'EH/s'] },
  watt: { step: 1000, names: ['W', 'kW', 'MW', 'GW'] },
  bytes: { step: 1024, names: ['B', 'KiB', 'MiB', 'GiB', 'TiB'] },
  short: { step: 1000, names: ['', 'K', 'Mil', 'Bil'] },
};
const FIXED: Record<string, string> = {
  celsius: '°C',
  percent: '%',
  rotrpm: 'rpm',
  ms: 'ms',
  volt: 'V',
};
const DURATIONS = [
  [86_400, 'd'],
  [3600, 'h'],
  [60, 'min'],
] as const;

/** A value as Grafana would write it, near enough to judge a layout by. */
export function formatted(value: unknown, unit = 'none', decimals?: number): string {
  if (value === null || value === undefined) return '–';
  if (unit === 'dateTimeFromNow') return ago(value);
  const number = typeof value === 'number' ? value : Number(value);
  if (
    typeof value !== 'number' &&
    (value === '' || Number.isNaN(number) || typeof value === 'boolean')
  ) {
    return typeof value === 'string' ? value : JSON.stringify(value);
  }
  const digits = (of: number) =>
    of.toFixed(decimals ?? (Number.isInteger(of) ? 0 : Math.abs(of) < 10 ? 2 : 1));
  if (unit === 's') {
    const [per, name] = DURATIONS.find(([seconds]) => Math.abs(number) >= seconds) ?? [1, 's'];
    return `${digits(number / per)} ${name}`;
  }
  const scale = SCALES[unit];
  if (scale) {
    let [scaled, at] = [number, 0];
    while (Math.abs(scaled) >= scale.step && at < scale.names.length - 1) {
      scaled /= scale.step;
      at += 1;
    }
    return `${digits(scaled)} ${scale.names[at] ?? ''}`.trim();
  }
  const suffix = unit.startsWith('suffix:') ? unit.slice('suffix:'.length) : (FIXED[unit] ?? '');
  return `${digits(number)} ${suffix}`.trim();
}

function ago(value: unknown): string {
  if (!(value instanceof Date)) return JSON.stringify(value);
  const seconds = (Date.now() - value.getTime()) / 1000;
  const [per, name] = DURATIONS.find(([length]) => seconds >= length) ?? [1, 's'];
  return `${Math.round(seconds / per)} ${name} ago`;
}

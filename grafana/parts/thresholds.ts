import { ThresholdsConfigBuilder, ThresholdsMode } from '@grafana/grafana-foundation-sdk/dashboard';

/** Colour names that Grafana renders legibly on dark and light. */
export const COLOURS = {
  good: 'green',
  warning: 'orange',
  bad: 'red',
  neutral: 'blue',
  absent: 'text',
  expected: 'semi-dark-purple',
  unknown: 'semi-dark-orange',
} as const;

type Step = readonly [from: number, colour: string];

/** `first` below the first step, then each step's colour from its value on. */
function steps(first: string, ...more: readonly Step[]): ThresholdsConfigBuilder {
  return new ThresholdsConfigBuilder()
    .mode(ThresholdsMode.Absolute)
    .steps([{ value: null, color: first }, ...more.map(([value, color]) => ({ value, color }))]);
}

export const plain = () => steps(COLOURS.absent);

/** Chip temperature: stock firmware of the common air-cooled models throttles or stops from about 90 °C. */
export const chipTemperature = () => steps(COLOURS.good, [80, COLOURS.warning], [90, COLOURS.bad]);

/** Below 90 % of its expected hashrate a miner counts as degraded; below 75 % something is broken. */
export const percentOfExpected = () =>
  steps(COLOURS.bad, [75, COLOURS.warning], [90, COLOURS.good]);

/** Good at none, bad from one. */
export const noneIsGood = () => steps(COLOURS.good, [1, COLOURS.bad]);
export const anyIsWorthALook = () => steps(COLOURS.good, [1, COLOURS.warning]);

/** Seconds beyond the silence that is normal. */
export const silence = () => steps(COLOURS.good, [1, COLOURS.bad]);
/** Percent of the poll interval: at 100 polls are left out. */
export const cycleShare = () => steps(COLOURS.good, [80, COLOURS.warning], [100, COLOURS.bad]);
/** ms, either way: times are corrected by it, but a clock that is so wrong will be wrong in the agent's log, too. */
export const clockError = () =>
  steps(COLOURS.warning, [-10_000, COLOURS.good], [10_000, COLOURS.warning]);
/** Percent of the shares: some 0.1 % is usual, 1 % is money lost. */
export const rejectedShare = () => steps(COLOURS.good, [0.5, COLOURS.warning], [1, COLOURS.bad]);

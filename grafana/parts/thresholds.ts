import { ThresholdsConfigBuilder, ThresholdsMode } from '@grafana/grafana-foundation-sdk/dashboard';

/** Colour names that Grafana renders legibly on dark and light. */
export const COLOURS = {
  good: 'green',
  warning: 'orange',
  bad: 'red',
  neutral: 'blue',
  absent: 'text',
  expected: 'semi-dark-purple',
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

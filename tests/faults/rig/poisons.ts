import type { QuarantineCode } from '../../../contract/refusals.ts';

type Sample = Record<string, unknown>;

/** One bad sample in a batch of good ones. */
export interface Poison {
  name: string;
  /** Why it is set aside; null: it is stored, without the field that is none. */
  code: QuarantineCode | null;
  /** Changes of a good sample; `other` is another sample of the same batch. */
  spoil: (sample: Sample, other: Sample) => Sample;
}

const at = (offsetMs: number): string => new Date(Date.now() + offsetMs).toISOString();
const DAY_MS = 86_400_000;

const bad = (name: string, code: QuarantineCode | null, changes: () => Sample): Poison => ({
  name,
  code,
  spoil: (sample) => ({ ...sample, ...changes() }),
});

/** What only the sample named so has: InfluxDB holds it as text at that day, see poison.ts. */
export const CONFLICTING_FIELD = { of: 'power_limit_w', column: 'power_limit_w' };

export const POISONS: readonly Poison[] = [
  bad('a hashrate that is not a number', null, () => ({ hash_rate: 'NaN' })),
  bad('a hashrate of a wrong unit', 'bad_value', () => ({ hash_rate: 95_000_000 })),
  bad('a negative hashrate', 'bad_value', () => ({ hash_rate: -1 })),
  bad('a temperature of the sun', 'bad_value', () => ({ temperature: 5_600 })),
  bad('a temperature below zero kelvin', 'bad_value', () => ({ temp_chip: -300 })),
  bad('a power of 1e308', 'bad_value', () => ({ power_consumption: 1e308 })),
  bad('a fan of a million', 'bad_value', () => ({ fans: [6_000, 1_000_000] })),
  bad('a board out of range', 'bad_value', () => ({ boards: [{ slot: 0, voltage_v: 1e9 }] })),
  bad('more chips than can be counted', 'bad_value', () => ({
    boards: [{ slot: 0, chips: 2e16 }],
  })),
  bad('a negative uptime', 'bad_value', () => ({ uptime_s: -5 })),
  bad('a sample of two months ago', 'too_old', () => ({ timestamp: at(-60 * DAY_MS) })),
  bad('a sample of the next hour', 'future', () => ({ timestamp: at(3_600_000) })),
  bad('a sample of 2099', 'future', () => ({ timestamp: '2099-01-01T00:00:00Z' })),
  bad('a clock that was never set', 'clock', () => ({ timestamp: '1970-01-01T00:00:12Z' })),
  bad('a time in words', 'bad_timestamp', () => ({ timestamp: 'yesterday' })),
  bad('the 30th of February', 'bad_timestamp', () => ({ timestamp: '2026-02-30T00:00:00Z' })),
  bad('an address that is none', 'bad_address', () => ({ ip_address: '127.0.0.999' })),
  bad('an address with a zone', 'bad_address', () => ({ ip_address: 'fe80::1%eth0' })),
  bad('port 0', 'bad_address', () => ({ port: 0 })),
  {
    name: 'the same miner twice',
    code: 'duplicate',
    spoil: (_sample, other) => ({ ...other, hash_rate: 1 }),
  },
  bad('a field InfluxDB has as text', 'influx_rejected', () => ({
    [CONFLICTING_FIELD.of]: 3_300,
  })),
];

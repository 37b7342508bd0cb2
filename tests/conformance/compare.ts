import { familyById } from '../../agent/families/index.ts';
import { UNKNOWN } from './captured-set.ts';
import type { CapturedSet } from './captured-set.ts';
import { carriedFirmware, carriedModels } from './carried.ts';
import { EXCEPTIONS } from './exceptions.ts';
import type { Comparison, Observed } from './outcome.ts';
import { ruleByPattern } from './patterns.ts';
import { comparePools } from './pools.ts';
import { VOCABULARY } from './vocabulary.ts';

/** Keys that an `identify-…` set is about; its replies carry nothing else. */
const IDENTITY_ONLY = /^identify-/;

/** Every value of the set's expectations against the reading. */
export function compareValues(set: CapturedSet, observed: Observed): Comparison[] {
  const exceptions = EXCEPTIONS[`${set.family}/${set.name}`] ?? {};
  return Object.entries(set.expected)
    .flatMap(([value, expected]) => compareValue(set, value, expected, observed))
    .map((comparison) => excused(comparison, exceptions[comparison.value]));
}

function excused(comparison: Comparison, reason: string | undefined): Comparison {
  if (reason === undefined) return comparison;
  if (comparison.kind === 'differs') return { ...comparison, kind: 'exception', reason };
  const { value } = comparison;
  return { value, kind: 'differs', expected: 'a listed exception', found: 'no difference' };
}

function compareValue(
  set: CapturedSet,
  value: string,
  expected: unknown,
  observed: Observed,
): Comparison[] {
  if (value === 'pools') {
    const countsStale = set.replies.some(({ text }) => /stale/i.test(text));
    return comparePools(expected, observed.reading.pools, countsStale);
  }
  const rule = VOCABULARY[value] ?? ruleByPattern(value);
  if (!rule) return [{ value, kind: 'left-out', reason: 'no rule for this key' }];
  const check = rule(expected, observed, set.expected);
  if ('leftOut' in check) return [{ value, kind: 'left-out', reason: check.leftOut }];
  if (!check.ok && typeof expected === 'string' && !isCarried(set, expected)) {
    return [{ value, kind: 'left-out', reason: 'stands in no captured reply of the set' }];
  }
  return check.ok
    ? [{ value, kind: 'same' }]
    : [{ value, kind: 'differs', expected, found: check.found }];
}

/** Words of a source about a reply it did not include cannot be read from the others. */
function isCarried(set: CapturedSet, expected: string): boolean {
  if (/^(SLEEPING|IDLE|NORMAL|HIGH|LOW)$/.test(expected)) return true;
  const wanted = lettersOf(expected);
  return set.replies.some(({ text }) => lettersOf(text).includes(wanted));
}

function lettersOf(text: string): string {
  return text
    .replaceAll('\\n', '')
    .replace(/[^a-z0-9]/gi, '')
    .toLowerCase();
}

/** Why the identification is not right; empty when it is. */
export function identificationFaults(
  set: CapturedSet,
  { identified, reading }: Observed,
): string[] {
  if (identified.kind !== 'miner') return ['not identified'];
  if (set.family === UNKNOWN) return [];
  const { miner } = identified;
  const faults: string[] = [];
  if (miner.family !== set.family) faults.push(`taken for ${miner.family}`);
  const identity = IDENTITY_ONLY.test(set.name) ? miner.identity : reading.identity;
  const { make, model, firmwareVersion } = identity;
  if (make === null && familyById(set.family)?.make !== null) faults.push('no make');
  const models = carriedModels(set);
  if (models.length > 0 && !models.some((raw) => model !== null && holds(raw, model))) {
    faults.push(`model ${model ?? 'unknown'}, carried: ${models[0]}`);
  }
  const firmware = carriedFirmware(set);
  if (firmware.length > 0) {
    const known = firmwareVersion;
    if (known === null || !firmware.some((raw) => holds(raw, known) || holds(known, raw))) {
      faults.push(`firmware ${known ?? 'unknown'}, carried: ${firmware[0]}`);
    }
  }
  return faults;
}

function holds(raw: string, part: string): boolean {
  return unspaced(raw).includes(unspaced(part));
}

function unspaced(text: string): string {
  return text.replace(/[\s'"_]/g, '').toLowerCase();
}

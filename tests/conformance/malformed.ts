import { isRow, num, rows, text } from '../../agent/families/values.ts';
import { readJson } from '../../agent/lenient-json.ts';
import type { Json, JsonReading } from '../../agent/lenient-json.ts';
import type { CapturedSet } from './captured-set.ts';
import type { Comparison } from './outcome.ts';

/**
 * Sets of single defective replies hold no device. Each reply is read alone; what must be found in it stands
 * under the name of its file.
 */
export function compareReplies(set: CapturedSet): Comparison[] {
  return set.replies.flatMap(({ file, text: raw }) => {
    const reading = readJson(raw);
    const wanted = set.expected[file] ?? set.expected[file.replace(/\.[^.]+$/, '')];
    if (!isExpectation(wanted)) return [comparison(file, 'a value', reading, reading.ok)];
    return Object.entries(wanted).map(([key, value]) => compareOne(file, key, value, reading));
  });
}

function isExpectation(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function comparison(value: string, expected: unknown, found: unknown, ok: boolean): Comparison {
  return ok ? { value, kind: 'same' } : { value, kind: 'differs', expected, found };
}

function compareOne(file: string, key: string, wanted: unknown, reading: JsonReading): Comparison {
  const at = `${file} ${key}`;
  switch (key) {
    case 'error':
      return comparison(at, wanted, reading, !reading.ok);
    case 'recoverable':
      return comparison(at, wanted, reading, reading.ok && reading.partial);
    case 'ok':
      return comparison(at, wanted, reading, (reading.ok && !reading.partial) === wanted);
  }
  const found = reading.ok ? lookUp(reading.value, key) : undefined;
  return comparison(at, wanted, found, isSame(wanted, found));
}

function lookUp(reply: Json, key: string): Json | undefined {
  const status = isRow(reply) ? reply['STATUS'] : undefined;
  switch (key) {
    case 'status_is_string':
      return typeof status === 'string';
    case 'status':
      return rows(status)[0]?.['STATUS'];
    case 'code':
      return rows(status)[0]?.['Code'];
    case 'error_codes':
      return rows(anywhere(reply, 'error_code')).flatMap(Object.keys).map(Number);
  }
  return /[.[]/.test(key) ? along(reply, key.match(/[^.[\]]+/g) ?? []) : anywhere(reply, key);
}

/** "SUMMARY[0].Elapsed" */
function along(reply: Json, path: readonly string[]): Json | undefined {
  return path.reduce<Json | undefined>((value, step) => {
    if (Array.isArray(value)) return value[Number(step)];
    return isRow(value) ? value[step] : undefined;
  }, reply);
}

function anywhere(value: Json, key: string): Json | undefined {
  if (isRow(value) && key in value) return value[key];
  const inside = Array.isArray(value) ? value : isRow(value) ? Object.values(value) : [];
  for (const inner of inside) {
    const found = anywhere(inner, key);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** A number where a list was found is its length; null is whatever the families read as no number. */
function isSame(wanted: unknown, found: Json | undefined): boolean {
  if (wanted === null) return found !== undefined && num(found) === null;
  if (typeof wanted === 'number' && Array.isArray(found)) return found.length === wanted;
  if (typeof wanted === 'string') return text(found)?.replace(/^'|'$/g, '') === wanted;
  return JSON.stringify(found) === JSON.stringify(wanted);
}

import type { Json } from '../../lenient-json.ts';
import type { MinerError } from '../../reading.ts';
import { section } from '../capabilities.ts';
import type { Replies } from '../family.ts';
import { isRow, num, row, rows, text } from '../values.ts';
import type { Row } from '../values.ts';

/**
 * Two envelopes on 4028, by firmware and not by command: cgminer's `{"SUMMARY":[{…}]}` and btminer's
 * `{"STATUS":"S","Msg":{…}}`, where the payload, also of `summary`, is in `Msg`.
 */
export function payload(name: string): (replies: Replies) => Row {
  return (replies) => row(row(replies.get(name))['Msg']);
}

/** A list of rows in either envelope: `{"DEVS":[…]}`, `{"Msg":{"DEVS":[…]}}`, `{"Msg":[…]}`. */
export function list(replies: Replies, name: string, key: string): Row[] {
  const reply = row(replies.get(name));
  const { Msg } = reply;
  return rows(reply[key] ?? (isRow(Msg) ? Msg[key] : Msg));
}

export function summary(replies: Replies): Row {
  const [plain] = list(replies, 'summary', 'SUMMARY');
  // Some API 2 builds put the fields of `summary` into `Msg` without a list around them.
  return plain ?? payload('summary')(replies);
}

/** One value that newer builds put in a reply of their own, older ones in `summary`. */
export function version(replies: Replies): Row {
  const own = payload('get_version')(replies);
  return Object.keys(own).length > 0 ? own : payload('version')(replies);
}

export const deviceInfo = (replies: Replies) => row(row(replies.get('get.device.info'))['msg']);

/** A part of `get.miner.status`, asked alone or joined. */
export function v3Status(replies: Replies, part: string): Json | undefined {
  const joined = row(row(replies.get(V3_JOINED))['msg'])[part];
  return joined ?? row(row(replies.get(`get.miner.status ${part}`))['msg'])[part];
}

const V3_JOINED = 'get.miner.status summary+edevs+pools';

export const isV3 = (replies: Replies) => replies.has('get.device.info');

export const v3Summary = (replies: Replies) => row(v3Status(replies, 'summary'));

/** First board's details: cgminer's shape in every generation. */
export const details = section('devdetails', 'DEVDETAILS');

/**
 * Codes as the generations write them: `["110"]`, `[{"218":"time"}]`, `{"218":"time"}`, numbers, and in
 * v3 `{"541":"Slot 1 …","reason":"hashboard"}` or one plain sentence.
 */
export function readCodes(value: Json | undefined): MinerError[] {
  if (Array.isArray(value)) return value.flatMap(readCodes);
  if (typeof value === 'number') return value > 0 ? [fault(String(value), null)] : [];
  if (typeof value === 'string') {
    const plain = text(value);
    if (plain === null) return [];
    return /^\d+$/.test(plain) ? [fault(plain, null)] : [fault('message', plain)];
  }
  if (!isRow(value)) return [];
  return Object.entries(value)
    .filter(([code]) => /^\d+$/.test(code) && Number(code) > 0)
    .map(([code, said]) => fault(code, detail(said, value)));
}

/** A time is no explanation; `reason` is a poor one, but one. */
function detail(said: Json, entry: Row): string | null {
  const words = text(said);
  if (words !== null && /[a-z]{3}/i.test(words)) return words;
  return text(entry['reason']);
}

function fault(code: string, explanation: string | null): MinerError {
  return { code, text: explanation ?? meaningOf(code), severity: 'error' };
}

/** v1 numbers its errors in `summary`: "Error Code 0", "Error Code 1" …; factory codes are history. */
export function summaryCodes(from: Row): MinerError[] {
  const count = num(from['Error Code Count']) ?? 0;
  return Array.from({ length: Math.min(count, 100) }, (_, index) => from[`Error Code ${index}`])
    .filter((code) => num(code) !== null)
    .flatMap(readCodes);
}

/** Codes are positional: of 3–5 digits the last is the value and the one before the subtype. */
const TYPES: Record<string, string> = {
  1: 'fan',
  2: 'power supply',
  3: 'temperature',
  4: 'hashboard EEPROM',
  5: 'hashboard',
  6: 'ambient temperature',
  7: 'control board',
  8: 'firmware checksum',
  9: 'power rate',
  20: 'pool',
  21: 'factory test',
  84: 'software',
  85: 'hashrate substandard',
  100: 'security library',
};

function meaningOf(code: string): string | null {
  const type =
    code.length === 6 && !code.startsWith('1')
      ? code.slice(0, 2)
      : code.slice(0, Math.max(code.length - 2, 1));
  return TYPES[type] ?? null;
}

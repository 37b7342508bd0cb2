import { trimmedEnd } from '../lenient-json.ts';
import type { Json } from '../lenient-json.ts';

/** What the JSON reply calls the list that text mode names by its item. */
const LIST_NAMES: Record<string, string> = { POOL: 'POOLS', ASC: 'DEVS', PGA: 'DEVS', GPU: 'DEVS' };

/**
 * A cgminer reply in text mode ("STATUS=S,Code=11|SUMMARY,Elapsed=10,…|") in the shape of the JSON one:
 * a list per section. Values stay text. Null when it is no such reply.
 */
export function readTextMode(text: string): Record<string, Json> | null {
  const trimmed = trimmedEnd(text);
  if (!/^STATUS=[SIWEF],/.test(trimmed)) return null;
  const reply: Record<string, Record<string, Json>[]> = {};
  for (const section of trimmed.split('|')) {
    if (section === '') continue;
    const fields = splitFields(section);
    const [name = ''] = fields[0] ?? [];
    const row: Record<string, Json> = Object.fromEntries(
      fields.filter(([, value]) => value !== null),
    );
    (reply[LIST_NAMES[name] ?? name] ??= []).push(row);
  }
  return reply;
}

/** Values may hold commas ("SYSTEMSTATU[Work: In Work, Hash Board: 3 ]"): a comma ends one only before `key=`. */
function splitFields(section: string): [key: string, value: string | null][] {
  return section.split(/,(?=[^,=|[\]]+=)/).map((field) => {
    const equals = field.indexOf('=');
    return equals < 0 ? [field, null] : [field.slice(0, equals), field.slice(equals + 1)];
  });
}

const MAX_LENGTH = 255;
// oxlint-disable-next-line no-control-regex -- control characters are what this is about
const CONTROL = /[\u0000-\u001F\u007F-\u009F\u2028\u2029]/;
// oxlint-disable-next-line no-control-regex -- as above
const CONTROLS = /[\u0000-\u001F\u007F-\u009F\u2028\u2029]+/g;

/**
 * Text from a miner or an agent as it may be stored and shown: one line without control characters, at most 255
 * characters, valid Unicode (Postgres takes neither NUL nor half a surrogate pair). null when nothing is left.
 */
export function cleanText(text: string | null | undefined): string | null {
  if (text === null || text === undefined) return null;
  const oneLine = CONTROL.test(text) ? text.replaceAll(CONTROLS, ' ') : text;
  const short = oneLine.length > MAX_LENGTH ? oneLine.slice(0, MAX_LENGTH) : oneLine;
  return short.trim().toWellFormed() || null;
}

/** Cleans every string in a value made of JSON, in place; keys are the contract's own and stay. */
export function cleanInPlace(value: object): void {
  for (const [key, part] of Object.entries(value) as [string, unknown][]) {
    if (typeof part === 'string') Reflect.set(value, key, cleanText(part));
    else if (typeof part === 'object' && part !== null) cleanInPlace(part);
  }
}

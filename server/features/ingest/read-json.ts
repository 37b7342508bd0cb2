import { Failure } from '../../failures.ts';

/** Anything that could spell `__proto__`: itself, or letters of it written as escapes. */
const SUSPECT = /__proto__|\\u00/i;
/** Far more than any batch has, raw replies of old agents included. */
const DEPTH = 64;
const BARE_WORD = /-?(?:NaN|Infinity)\b/y;

/**
 * A body as JSON. Python writes NaN and Infinity bare, which is not JSON: they are read as the texts "NaN" and
 * "Infinity", for the contract to judge in their place. Throws Failure `invalid_json`, also for a key
 * `__proto__`, which pollutes whatever it is copied into, and for what is nested deeper than 64: a million brackets
 * become objects of a hundred megabytes.
 */
export function readJson(bytes: Buffer): unknown {
  if (isDeeperThan(DEPTH, bytes)) {
    throw new Failure('invalid_json', `The body is nested deeper than ${DEPTH} levels`);
  }
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new Failure('invalid_json', 'The body is not UTF-8', { cause });
  }
  try {
    return parse(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    const quoted = quoteBareNumbers(text);
    if (quoted === text) throw notJson(error);
    try {
      return parse(quoted);
    } catch (second) {
      throw second instanceof SyntaxError ? notJson(error) : second;
    }
  }
}

function isDeeperThan(most: number, bytes: Buffer): boolean {
  let depth = 0;
  for (let i = 0; i < bytes.length; i++) {
    switch (bytes[i]) {
      case 0x22: // A string: on to the quote that ends it.
        for (i++; i < bytes.length && bytes[i] !== 0x22; i++) if (bytes[i] === 0x5c) i++;
        break;
      case 0x5b: // [
      case 0x7b: // {
        depth++;
        if (depth > most) return true;
        break;
      case 0x5d:
      case 0x7d:
        depth--;
    }
  }
  return false;
}

function parse(text: string): unknown {
  if (!SUSPECT.test(text)) return JSON.parse(text);
  return JSON.parse(text, (key, value: unknown) => {
    if (key === '__proto__') {
      throw new Failure('invalid_json', 'A key "__proto__" is not taken; rename or remove it');
    }
    return value;
  });
}

/** Puts quotes around NaN, Infinity and -Infinity outside of strings. */
function quoteBareNumbers(text: string): string {
  let result = '';
  let copied = 0;
  for (let i = 0; i < text.length; i++) {
    const character = text[i];
    if (character === '"') {
      i = endOfString(text, i);
    } else if (character === 'N' || character === 'I' || character === '-') {
      BARE_WORD.lastIndex = i;
      const word = BARE_WORD.exec(text)?.[0];
      if (word === undefined) continue;
      result += `${text.slice(copied, i)}"${word}"`;
      copied = i + word.length;
      i = copied - 1;
    }
  }
  return result + text.slice(copied);
}

/** Index of the quote that closes the string opened at `start`, or of the text's end. */
function endOfString(text: string, start: number): number {
  let i = start + 1;
  while (i < text.length && text[i] !== '"') i += text[i] === '\\' ? 2 : 1;
  return i;
}

function notJson(error: SyntaxError): Failure {
  return new Failure('invalid_json', `The body is not JSON: ${error.message}`);
}

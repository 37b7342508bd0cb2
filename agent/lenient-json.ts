/**
 * Reads what miners send as JSON. Strict JSON takes `JSON.parse`; anything else goes through a
 * recursive-descent reader that accepts the defects firmwares are known for and never edits the text
 * (replacing strings damages legal content, such as a password containing `}{`).
 */
export type Json = Scalar | Json[] | { [key: string]: Json };
type Scalar = null | boolean | number | string;

/** Why a text is not JSON at all. `tail`: the reply starts in the middle. */
export type NotJson = 'empty' | 'html' | 'text' | 'tail' | 'too_deep' | 'too_large';

export type JsonReading =
  | {
      ok: true;
      value: Json;
      /** The text ended inside the value; what was complete is kept. */
      partial: boolean;
      /** Strict JSON would have refused it. */
      lenient: boolean;
    }
  | { ok: false; kind: NotJson };

/** A miner's reply needs neither; a hostile one must not cost more than its own sample. */
export const MAX_DEPTH = 32;
export const MAX_NODES = 50_000;

/** Reads one reply. Trailing NULs are not part of it. */
export function readJson(raw: string): JsonReading {
  const text = withoutNuls(raw);
  const excess = excessOf(text);
  if (excess) return { ok: false, kind: excess };
  try {
    const value = JSON.parse(text) as Json;
    // A bare number is legal JSON and no reply: "404" is what a proxy says. Bare booleans are replies.
    if (typeof value === 'boolean' || (typeof value === 'object' && value !== null)) {
      return { ok: true, value, partial: false, lenient: false };
    }
  } catch {
    // Not strict JSON; the reader below decides.
  }
  return readLeniently(text);
}

/** The lenient reader alone; on valid JSON it yields what `JSON.parse` yields. */
export function readLeniently(text: string): JsonReading {
  const start = startOfValue(text);
  if (start < 0) return { ok: false, kind: classify(text) };
  const reader = makeReader(text, start);
  const value = reader.value(0);
  if (reader.tooDeep()) return { ok: false, kind: 'too_deep' };
  if (reader.tooMany()) return { ok: false, kind: 'too_large' };
  return { ok: true, value: value ?? null, partial: reader.partial(), lenient: true };
}

function withoutNuls(raw: string): string {
  return raw.includes('\0') ? trimmedEnd(raw) : raw;
}

/** Without NULs and blanks at the end. No pattern: `[\0\s]+$` takes minutes for a megabyte of blanks before a word. */
export function trimmedEnd(raw: string): string {
  let end = raw.length;
  while (end > 0 && (raw.charCodeAt(end - 1) === 0 || SPACE.test(raw.charAt(end - 1)))) end--;
  return raw.slice(0, end);
}

/** Counts brackets and separators outside strings, so that no parser ever meets a bomb. */
function excessOf(text: string): 'too_deep' | 'too_large' | null {
  let depth = 0;
  let nodes = 0;
  let quoted = false;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (quoted) {
      if (code === BACKSLASH) at++;
      else if (code === QUOTE) quoted = false;
    } else if (code === QUOTE) {
      quoted = true;
    } else if (code === OPEN_BRACE || code === OPEN_BRACKET) {
      if (++depth > MAX_DEPTH) return 'too_deep';
      if (++nodes > MAX_NODES) return 'too_large';
    } else if (code === CLOSE_BRACE || code === CLOSE_BRACKET) {
      if (depth > 0) depth--;
    } else if (code === COMMA && ++nodes > MAX_NODES) {
      return 'too_large';
    }
  }
  return null;
}

const QUOTE = 0x22;
const COMMA = 0x2c;
const BACKSLASH = 0x5c;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;

/** A JSONP call ("minerinfoCallback({…"), and comment lines before the value, are not the value. */
const PREAMBLE = /^\uFEFF?(?:\s|\/\/[^\n]*\n)*(?:[A-Za-z_$][\w$.]*\s*\(\s*)?/;

/** Position of the opening brace or bracket, or -1. */
function startOfValue(text: string): number {
  const at = PREAMBLE.exec(text)?.[0].length ?? 0;
  const code = text.charCodeAt(at);
  return code === OPEN_BRACE || code === OPEN_BRACKET ? at : -1;
}

function classify(text: string): NotJson {
  const head = text.slice(0, 200).trim();
  if (head === '') return 'empty';
  if (head.startsWith('<')) return 'html';
  if (/^[,:}\]"]/.test(head)) return 'tail';
  return 'text';
}

/** What a bare word stands for; C's printf writes nan and inf in any sign and case. */
function bareWord(word: string): Scalar {
  if (word === 'true') return true;
  if (word === 'false') return false;
  if (word === 'null') return null;
  if (/^[+-]?(nan|inf(inity)?)(\(.*\))?$/i.test(word)) return null;
  if (/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(word)) return Number(word);
  // Unquoted text is kept as text: some firmwares forget the quotes.
  return word;
}

const ESCAPES: Record<string, string> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' };
const SPACE = /\s/;
const END_OF_WORD = /[\s,:{}[\]"]/;

/** One pass over `text`; `undefined` from a read means "no value here". */
function makeReader(text: string, start: number) {
  let at = start;
  let nodes = 0;
  let cut = false;
  let deep = false;

  const skipSpace = () => {
    while (at < text.length && SPACE.test(text.charAt(at))) at++;
  };
  /** Commas are optional and repeatable: `}{`, `[,{`, `,}`. */
  const skipSeparators = () => {
    while (at < text.length && (text.charAt(at) === ',' || SPACE.test(text.charAt(at)))) at++;
  };

  /** The string at `at`; null when the text ends inside it. Control characters pass, `\x` is x. */
  const string = (): string | null => {
    let out = '';
    let from = ++at;
    for (; at < text.length; at++) {
      const char = text.charAt(at);
      if (char === '"') {
        out += text.slice(from, at++);
        return out;
      }
      if (char !== '\\') continue;
      out += text.slice(from, at);
      const escaped = text.charAt(++at);
      const hex = escaped === 'u' ? /^[0-9a-f]{4}/i.exec(text.slice(at + 1, at + 5))?.[0] : null;
      if (hex) {
        out += String.fromCharCode(Number.parseInt(hex, 16));
        at += 4;
      } else {
        out += ESCAPES[escaped] ?? escaped;
      }
      from = at + 1;
    }
    cut = true;
    return null;
  };

  const word = (): Scalar | undefined => {
    const from = at;
    while (at < text.length && !END_OF_WORD.test(text.charAt(at))) at++;
    // A number at the very end may have lost digits: better unknown than wrong.
    if (at >= text.length) {
      cut = true;
      return undefined;
    }
    const raw = text.slice(from, at);
    return raw === '' ? undefined : bareWord(raw);
  };

  const array = (depth: number): Json[] => {
    const out: Json[] = [];
    at++;
    for (;;) {
      skipSeparators();
      if (at >= text.length) {
        cut = true;
        return out;
      }
      const char = text.charAt(at);
      if (char === ']') {
        at++;
        return out;
      }
      if (char === '}') return out;
      const before = at;
      const item = value(depth + 1);
      if (deep || nodes > MAX_NODES) return out;
      skipSpace();
      // ["110":"2022-…"]: an array holding pairs (Whatsminer API 2.0.4).
      if (typeof item === 'string' && text.charAt(at) === ':') {
        at++;
        out.push({ [item]: value(depth + 1) ?? null });
      } else if (item !== undefined) {
        out.push(item);
      }
      if (at === before) at++;
    }
  };

  const object = (depth: number): Json => {
    const out: { [key: string]: Json } = {};
    at++;
    for (;;) {
      skipSeparators();
      if (at >= text.length) {
        cut = true;
        return out;
      }
      const char = text.charAt(at);
      if (char === '}') {
        at++;
        return out;
      }
      if (char === ']') return out;
      const before = at;
      const key = char === '"' ? string() : word();
      if (key === null || key === undefined) {
        if (cut) return out;
        if (at === before) at++;
        continue;
      }
      skipSpace();
      if (text.charAt(at) === ':') at++;
      const member = value(depth + 1);
      if (deep || nodes > MAX_NODES) return out;
      if (member !== undefined) put(out, String(key), member);
      else if (!cut) put(out, String(key), null);
    }
  };

  const value = (depth: number): Json | undefined => {
    skipSpace();
    if (at >= text.length) {
      cut = true;
      return undefined;
    }
    if (++nodes > MAX_NODES) return undefined;
    const char = text.charAt(at);
    if (char === '{' || char === '[') {
      if (depth >= MAX_DEPTH) {
        deep = true;
        return undefined;
      }
      return char === '{' ? object(depth) : array(depth);
    }
    if (char === '"') return string() ?? undefined;
    // `: ,` and `: }`: the value is missing.
    if (char === ',' || char === '}' || char === ']' || char === ':') return undefined;
    return word();
  };

  return {
    value,
    partial: () => cut,
    tooDeep: () => deep,
    tooMany: () => nodes > MAX_NODES,
  };
}

/** As `JSON.parse` does: the last duplicate wins, and `__proto__` is an ordinary key. */
function put(target: { [key: string]: Json }, key: string, value: Json): void {
  if (key === '__proto__') {
    Object.defineProperty(target, key, {
      value,
      enumerable: true,
      configurable: true,
      writable: true,
    });
  } else {
    target[key] = value;
  }
}

/** Numbers as a C program prints them: the text of a reply is part of the protocol. */

export const f0 = (value: number): string => value.toFixed(0);
export const f1 = (value: number): string => value.toFixed(1);
export const f2 = (value: number): string => value.toFixed(2);
export const f4 = (value: number): string => value.toFixed(4);
export const f6 = (value: number): string => value.toFixed(6);
export const f8 = (value: number): string => value.toFixed(8);

/** `printf("%.2f", numerator / denominator)`: glibc prints nought by nought as `-nan` or `nan`. */
export function ratio2(numerator: number, denominator: number): string {
  return denominator === 0 ? 'nan' : f2(numerator / denominator);
}

/** cgminer's `suffix_string`: 262144 → `262K`, 65536 → `65.5K`. */
export function withSuffix(value: number): string {
  for (const [unit, name] of [
    [1e9, 'G'],
    [1e6, 'M'],
    [1e3, 'K'],
  ] as const) {
    if (value >= unit) return `${Number((value / unit).toPrecision(3))}${name}`;
  }
  return String(value);
}

/** cgminer escapes only the quote and the backslash; everything else goes out raw. */
export function quoted(text: string): string {
  return `"${text.replaceAll(/["\\]/g, String.raw`\$&`)}"`;
}

/** `AA:BB:CC:DD:EE:FF` from 12 hex digits. */
export function macWithColons(mac: string): string {
  return mac.toUpperCase().replaceAll(/(..)(?=.)/g, '$1:');
}

/** Members of a row: text as the C program prints it, numbers and booleans as they are. */
export type Fields = Readonly<Record<string, string | number | boolean>>;

/** `{"key":value,…}`, in this order. */
export function object(fields: Fields): string {
  return `{${Object.entries(fields)
    .map(([key, value]) => `"${key}":${value}`)
    .join(',')}}`;
}

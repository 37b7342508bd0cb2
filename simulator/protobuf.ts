/** Protocol Buffers on the wire, as far as replies need them: fields are appended in the order given. */

/** Non-negative whole numbers: uint32, uint64, enums. Nought is left out, as proto3 has it. */
export function uint(field: number, value: number): Buffer {
  return value === 0 ? EMPTY : Buffer.concat([varint(field * 8), varint(value)]);
}

export function flag(field: number, value: boolean): Buffer {
  return uint(field, value ? 1 : 0);
}

export function double(field: number, value: number): Buffer {
  if (value === 0) return EMPTY;
  const bits = Buffer.alloc(8);
  bits.writeDoubleLE(value);
  return Buffer.concat([varint(field * 8 + 1), bits]);
}

export function text(field: number, value: string): Buffer {
  return value === '' ? EMPTY : bytes(field, Buffer.from(value));
}

/** A message inside; there even when nothing is in it. */
export function message(field: number, ...members: readonly Buffer[]): Buffer {
  return bytes(field, Buffer.concat(members));
}

const EMPTY = Buffer.alloc(0);

function bytes(field: number, content: Buffer): Buffer {
  return Buffer.concat([varint(field * 8 + 2), varint(content.length), content]);
}

/** Seven bits a byte, the lowest first; safe integers are enough. */
function varint(value: number): Buffer {
  const digits: number[] = [];
  let rest = value;
  while (rest >= 128) {
    digits.push((rest % 128) + 128);
    rest = Math.floor(rest / 128);
  }
  return Buffer.from([...digits, rest]);
}

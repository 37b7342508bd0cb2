import type { RateUnit } from '../units.ts';

/** Lines of models: algorithm, and what the firmware means by the number under `GHS 5s`. */
const LINES: readonly { model: RegExp; algorithm: string; unit: RateUnit }[] = [
  { model: /^(?:S|T|V|R)\d/, algorithm: 'sha256', unit: 'GH/s' },
  { model: /^L\d/, algorithm: 'scrypt', unit: 'MH/s' },
  { model: /^D[35]\b/, algorithm: 'x11', unit: 'MH/s' },
  { model: /^D\d/, algorithm: 'x11', unit: 'GH/s' },
  { model: /^E\d/, algorithm: 'ethash', unit: 'MH/s' },
  { model: /^Z\d/, algorithm: 'equihash', unit: 'kH/s' },
  { model: /^KS\d/, algorithm: 'kheavyhash', unit: 'GH/s' },
  { model: /^KA\d/, algorithm: 'blake2s', unit: 'GH/s' },
  { model: /^K\d/, algorithm: 'eaglesong', unit: 'GH/s' },
  { model: /^HS\d/, algorithm: 'handshake', unit: 'GH/s' },
  { model: /^A3/, algorithm: 'blake2b', unit: 'GH/s' },
  { model: /^DR\d/, algorithm: 'blake256r14', unit: 'GH/s' },
  { model: /^AL\d/, algorithm: 'blake3', unit: 'GH/s' },
  { model: /^B3/, algorithm: 'tensority', unit: 'H/s' },
  { model: /^X\d/, algorithm: 'cryptonight', unit: 'kH/s' },
];

/**
 * "Antminer S19j Pro" → "S19j Pro". Cuts what firmwares append: "Antminer S9\nV1.3.58",
 * "Antminer S9 Pro (v5.1) ", "Antminer D3 Blissz v2.06 beta".
 */
export function modelOf(raw: string): string | null {
  const model = raw
    .replace(/^\s*(?:bitmain\s+)?antminer\s*/i, '')
    .replace(/\s*\(.*$/s, '')
    .replace(/\s+(?:blissz\s+)?v\d+(?:\.\d+).*$/is, '')
    .trim();
  return model === '' ? null : model;
}

export function algorithmOf(model: string | null): string | null {
  return lineOf(model)?.algorithm ?? null;
}

/** Unit of the number the key calls GHS. */
export function ghsUnitOf(model: string | null): RateUnit {
  return lineOf(model)?.unit ?? 'GH/s';
}

function lineOf(model: string | null) {
  return model === null ? undefined : LINES.find((line) => line.model.test(model));
}

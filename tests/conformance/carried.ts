import type { CapturedSet } from './captured-set.ts';

/**
 * What the captured replies themselves say of model and firmware, found by key without the agent's
 * code: an identification must not come back without them.
 */

const MODEL_KEYS = 'Type|type|minertype|miner_type|miner_model|MODEL|PROD|hwtype|Model|modelName';
const FIRMWARE_KEYS =
  'CompileTime|system_filesystem_version|fw_ver|fwversion|fw_version|version_firmware|full|current|' +
  'Firmware Version|FirmwareVersion|VERSION|BMMiner|LUXminer|BOSminer\\+?|BOSer';

export function carriedModels(set: CapturedSet): string[] {
  return [
    ...valuesOf(set, MODEL_KEYS).filter((value) => /\d/.test(value) && !/^\d+$/.test(value)),
    ...cellsOf(set, 'Model'),
  ];
}

export function carriedFirmware(set: CapturedSet): string[] {
  const told = [...valuesOf(set, FIRMWARE_KEYS), ...cellsOf(set, 'Firmware Version')];
  // Some firmwares put their version into the type: "Antminer S9 (vnish 3.8.6)".
  return told.length > 0 ? [...told, ...carriedModels(set)] : [];
}

function valuesOf({ replies }: CapturedSet, keys: string): string[] {
  const pattern = new RegExp(`"(?:${keys})"\\s*:\\s*"((?:[^"\\\\]|\\\\.)+)"`, 'g');
  return replies.flatMap(({ text }) =>
    [...text.matchAll(pattern)].map(([, value]) =>
      value!.replaceAll('\\n', ' ').replaceAll("\\'", ''),
    ),
  );
}

/** Rows of a LuCI table, as captured or as a string literal. */
function cellsOf({ replies }: CapturedSet, field: string): string[] {
  const pattern = new RegExp(`>${field}</td>[^<]*<td[^>]*>([^<]+)<`, 'g');
  return replies.flatMap(({ text }) =>
    [...text.matchAll(pattern)].map(([, value]) => value!.replace(/\\[nt]/g, ' ').trim()),
  );
}

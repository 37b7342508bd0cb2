import type { Dialect, FamilyId } from './models.ts';

/** A way in which some firmware's replies are not JSON. Port 4028 unless a page is named. */
interface Defect {
  /** Who has it. */
  families: readonly FamilyId[];
  dialects?: readonly Dialect[];
  spoil(text: string, command: string): string;
}

const EVERY: readonly FamilyId[] = ['antminer-stock', 'whatsminer', 'avalon', 'generic-cgminer'];

/** Every defect by name. Those of `READABLE_DEFECTS` leave all values where a tolerant reader finds them. */
export const DEFECTS = {
  /** bmminer and cgminer up to 4.9: no comma between the objects of STATS. */
  'missing-comma': {
    families: ['antminer-stock'],
    spoil: (text, command) => (command === 'stats' ? text.replaceAll('},{', '}{') : text),
  },
  /** Seen after `version`: the last characters of something longer. */
  'trailing-bytes': {
    families: ['antminer-stock', 'generic-cgminer'],
    spoil: (text, command) => (command === 'version' ? `${text}"}` : text),
  },
  /** Whatsminer 20200917.22.REL escapes the apostrophes around its version. */
  'illegal-escape': {
    families: ['whatsminer'],
    dialects: ['whatsminer-v1'],
    spoil: (text, command) =>
      command === 'summary'
        ? text.replace(/"Firmware Version":"'([^']*)'"/, String.raw`"Firmware Version":"\'$1\'"`)
        : text,
  },
  /** btminer: a comma before the brace, and line ends between the tokens. */
  'trailing-comma': {
    families: ['whatsminer'],
    spoil: (text) => text.replaceAll(/\}(?=[\],}])/g, ',}\n'),
  },
  /** btminer of January 2023, get_psu. */
  'quote-quote': {
    families: ['whatsminer'],
    spoil: (text, command) => (command === 'get_psu' ? text.replace(',"temp0"', '"temp0"') : text),
  },
  nan: {
    families: ['avalon', 'generic-cgminer'],
    spoil: (text) => text.replaceAll(/"MHS av":[^,}]*/g, '"MHS av":-nan'),
  },
  'quoted-nan': {
    families: ['avalon'],
    spoil: (text) => text.replaceAll(/"MHS av":[^,}]*/g, '"MHS av":"nan"'),
  },
  /** ctime() ends with a newline, and nobody escapes it. */
  'raw-newline': {
    families: EVERY,
    spoil: (text, command) =>
      command === 'pools' ? text.replaceAll(/"Proxy Type":""/g, '"Proxy Type":"none\n"') : text,
  },
  /** get_miner_conf.cgi prints a shell variable that is not set. */
  'missing-value': {
    families: ['antminer-stock'],
    spoil: (text, command) =>
      command === '/cgi-bin/get_miner_conf.cgi'
        ? text.replace('"bitmain-fan-ctrl" : false', '"bitmain-fan-ctrl" : ')
        : text,
  },
  /** Avalon: all but the end of the reply is lost. */
  'only-tail': { families: ['avalon'], spoil: () => ',"id":1}' },
  /** A web proxy stands in front of a dead miner process. */
  'plain-text': {
    families: EVERY,
    spoil: () => 'Socket connect failed: Connection refused\n',
  },
  html: {
    families: EVERY,
    spoil: () => '<html><head><title>502 Bad Gateway</title></head><body></body></html>\n',
  },
  empty: { families: EVERY, spoil: () => '' },
} as const satisfies Record<string, Defect>;

export type DefectName = keyof typeof DEFECTS;

export const DEFECT_NAMES = Object.keys(DEFECTS) as DefectName[];

/** Through these a tolerant reader sees everything. */
export const READABLE_DEFECTS: readonly DefectName[] = [
  'missing-comma',
  'trailing-bytes',
  'illegal-escape',
  'trailing-comma',
  'quote-quote',
  'raw-newline',
  'missing-value',
];

/** Whether a device of this family and dialect can have the defect. */
export function canHave(name: DefectName, family: FamilyId, dialect: Dialect): boolean {
  const defect: Defect = DEFECTS[name];
  return (
    defect.families.includes(family) &&
    (defect.dialects === undefined || defect.dialects.includes(dialect))
  );
}

/**
 * Takes out of what a device said whatever tells whose it is, and keeps whatever tells what it is. Works on text, for a
 * reply that nobody understands may be of any form: JSON, cgminer's text mode, HTML, headers, something between.
 */

/** What a value is, by the name of its field. */
type Kind = 'secret' | 'user' | 'serial' | 'host' | 'wifi' | 'mac' | 'pool';

const KINDS: readonly [kind: Kind, name: RegExp][] = [
  [
    'secret',
    /pass(?:word|wd|phrase)?|pwd|token|secret|psk|jwt|cookie|session|sysauth|api_?key|authorization|credential|(?:^|_)key$|(?:^|[ _-])auth$/i,
  ],
  ['wifi', /ssid|wifi|wlan/i],
  ['mac', /(?:^|[ _-])mac(?:[ _-]?addr(?:ess)?)?\d*$|macaddr|hwaddr|ethaddr|netid/i],
  [
    'serial',
    /serial|(?:^|[ _-]|pcb|miner|hb|psu|dev|board)sn(?:[ _-]?\d+)?$|^dna$|serinum|(?:^|[ _-])sn\d*(?:[ _-]|$)|uuid|chip_?id/i,
  ],
  [
    'user',
    /(?:^|[ _-])users?\d*(?:name)?$|username|stratum_?user|worker|account|wallet|(?:^|[ _-])owner|e-?mail|pool_?user/i,
  ],
  ['host', /host_?name|(?:^|[ _-])host$|device_?name|dns|domain|(?:^|[ _-])node_?name/i],
  ['pool', /(?:^|[ _-])(?:url|pool_?url|stratum_?url|pool_?addr|pool)\d*$/i],
];

/** A name and its value: `"name" : "value"`, `name=value,`, `NAME[value]`, `name="…" value="…"`, `Name: value`. */
const FIELDS: readonly RegExp[] = [
  /(?<open>"(?<name>[^"\\\n]{1,60})"\s{0,8}:\s{0,8}")(?<value>(?:[^"\\]|\\.){1,2000})(?="|$)/g,
  /(?<open>"(?<name>[^"\\\n]{1,60})"\s{0,8}:\s{0,8})(?<value>\d{4,20})(?=[\s,}])/g,
  /(?<open>(?:^|[,|&?;\s])(?<name>[A-Za-z][\w .-]{0,40})=)(?<value>[^,|&"'<>\s]{1,2000})/g,
  /(?<open>\b(?<name>[A-Za-z]\w{0,20})\[)(?<value>[^[\]]{1,500})(?=\])/g,
  /(?<open>name="(?<name>[^"]{1,60})"[^<>]{0,200}?value=")(?<value>[^"]{1,500})(?=")/g,
  /(?<open>(?:^|; )(?<name>[A-Za-z-]{1,40}): )(?<value>[^\n]{1,2000})/gm,
];

const MAC = /\b[0-9a-f]{2}(?:[:-][0-9a-f]{2}){5}\b/gi;
const MAIL = /\b[\w.+-]{1,64}@[\w-]{1,64}(?:\.[\w-]{1,64}){1,4}\b/g;
const WALLET =
  /\b(?:bc1[a-z0-9]{20,80}|[13][a-km-zA-HJ-NP-Z1-9]{25,34}|0x[0-9a-fA-F]{40}|kaspa:[a-z0-9]{40,80})\b/g;
const ADDRESS = /(?<![\d.])(?:\d{1,3}\.){3}\d{1,3}(?![\d.])/g;
const POOL_HOST = /(?<=\b(?:stratum2?|tcp|ssl|tls)(?:\+\w{2,4})?:\/\/)[^/\s"',|\\<>]{1,200}/gi;
/** Four numbers with dots that are a version: under such a name, and in no private range. */
const VERSION_BEFORE = /(?:ver(?:sion)?|miner|api|firmware|fw|cgminer|build|hw)\W{0,6}$/i;
const PRIVATE =
  /^(?:10|127|192\.168|172\.(?:1[6-9]|2\d|3[01])|169\.254|100\.(?:6[4-9]|[7-9]\d|1[01]\d|12[0-7]))\./;

/** Words that stand everywhere: a host so named tells nothing, and taking the word out would take out the maker. */
const COMMON =
  /^(?:antminer|antMiner|whatsminer|miner|root|admin|user|localhost|none|null|unknown|bitaxe|goldshell|iceriver|auto|true|false|alive|dead|default|worker|hammer|blackminer|-|\*|n\/a|\d{1,4})$/i;

const MOST_FOUND = 500;

/** A second pass over the same texts also takes out what only a later one has shown to be a name. */
export interface Anonymiser {
  (text: string): string;
}

/** One for all devices of a file: the same value gets the same replacement everywhere. */
export function makeAnonymiser(): Anonymiser {
  const given = new Map<string, string>();
  const counts = new Map<string, number>();
  const madeMacs = new Set<string>();
  /** What stood in a field: it is taken out wherever else it stands, too. */
  const found = new Map<string, string>();

  function standIn(kind: string, value: string, make: (count: number) => string): string {
    const key = `${kind} ${value.toLowerCase()}`;
    let made = given.get(key);
    if (made === undefined) {
      const count = (counts.get(kind) ?? 0) + 1;
      counts.set(kind, count);
      made = make(count);
      given.set(key, made);
    }
    return made;
  }

  /** The maker's half of a MAC tells what it is; the other half whose. */
  function mac(value: string): string {
    const digits = value.replaceAll(/[^0-9a-f]/gi, '').toLowerCase();
    if (madeMacs.has(digits)) return value;
    if (digits.length !== 12) return standIn('odd-mac', value, (count) => `mac-${count}`);
    const own = standIn('mac', digits, (count) => count.toString(16).padStart(6, '0'));
    const made = digits.slice(0, 6) + own;
    madeMacs.add(made);
    const separator = /[:-]/.exec(value)?.[0] ?? '';
    const parts = made.match(/../g) ?? [];
    const joined = parts.join(separator);
    return /[A-F]/.test(value) ? joined.toUpperCase() : joined;
  }

  const address = (value: string): string =>
    standIn(
      'address',
      value,
      (count) => `${count <= 254 ? '192.0.2' : '198.51.100'}.${((count - 1) % 254) + 1}`,
    );

  function poolHost(value: string): string {
    const [, host = '', port = ''] = /^(?:[^@]*@)?(.*?)(:\d{1,5})?$/.exec(value) ?? [];
    if (/^pool-\d+\.example$/.test(host)) return value;
    return standIn('pool', host, (count) => `pool-${count}.example`) + port;
  }

  function replacement(kind: Kind, value: string): string {
    if (kind === 'secret') return 'removed';
    if (kind === 'mac') return mac(value);
    if (kind === 'pool') {
      const [, scheme = '', rest = '', path = ''] =
        /^([a-z0-9+]{2,20}:(?:\\?\/){2})?([^/\\]*)(.*)$/i.exec(value) ?? [];
      return scheme + poolHost(rest) + (path.length > 1 ? '/' : path);
    }
    // A number stays one, so that JSON stays JSON.
    const number = /^\d+$/.test(value);
    return standIn(kind, value, (count) =>
      number ? String(count).padStart(value.length, '9').slice(-20) : `${kind}-${count}`,
    );
  }

  return (text) => {
    let clean = text;
    for (const pattern of FIELDS) {
      clean = clean.replaceAll(pattern, (...match) => {
        const groups = match.at(-1) as { open: string; name: string; value: string };
        const kind = KINDS.find(([, name]) => name.test(groups.name))?.[0];
        const value = groups.value.trim();
        if (kind === undefined || COMMON.test(value)) return groups.open + groups.value;
        const made = replacement(kind, value);
        if (value.length >= 5 && made !== value && kind !== 'pool' && found.size < MOST_FOUND) {
          found.set(value, made);
        }
        return groups.open + made;
      });
    }
    for (const [value, made] of found) clean = clean.replaceAll(value, made);
    return clean
      .replaceAll(POOL_HOST, poolHost)
      .replaceAll(MAIL, (value) => standIn('mail', value, (count) => `user-${count}@mail.example`))
      .replaceAll(WALLET, (value) => standIn('wallet', value, (count) => `wallet-${count}`))
      .replaceAll(MAC, mac)
      .replaceAll(ADDRESS, (value, at: number, whole: string) => {
        const isVersion =
          !PRIVATE.test(value) && VERSION_BEFORE.test(whole.slice(Math.max(0, at - 24), at));
        return isVersion || /^(?:0\.0\.0\.0|255\.)/.test(value) ? value : address(value);
      });
  };
}

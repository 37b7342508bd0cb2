/**
 * The tag `algo` of rollups: what a miner hashes, by its tag `model` alone, so that the same samples always make the same
 * points. The first pattern that fits; models of makers whose machines hash one thing need none of their own.
 */
const ALGORITHMS: readonly [model: RegExp, algorithm: string][] = [
  [/^antminer-(?:s|t|v|r)\d/, 'sha256'],
  [/^antminer-l\d/, 'scrypt'],
  [/^antminer-dr\d/, 'blake256r14'],
  [/^antminer-d\d/, 'x11'],
  [/^antminer-e\d/, 'ethash'],
  [/^antminer-z\d/, 'equihash'],
  [/^antminer-ks\d/, 'kheavyhash'],
  [/^antminer-ka\d/, 'blake2s'],
  [/^antminer-k\d/, 'eaglesong'],
  [/^antminer-hs\d/, 'handshake'],
  [/^antminer-al\d/, 'blake3'],
  [/^antminer-a3/, 'blake2b'],
  [/^antminer-b3/, 'tensority'],
  [/^antminer-x\d/, 'cryptonight'],
  [/^antminer-mini-miner-bmm/, 'sha256'],
  [/^whatsminer-d\d/, 'blake256r14'],
  [/^futurebit-moonlander/, 'scrypt'],
  [/^(?:whatsminer|avalon|sealminer|auradine|bitfury|proto|ebang|futurebit)\b/, 'sha256'],
  [/^(?:bitaxe|nerdaxe|minerva|dragonmint|spondoolies)\b/, 'sha256'],
  [/^(?:elphapex|volcminer|hammer)\b/, 'scrypt'],
  [/^innosilicon-t\d/, 'sha256'],
  [/^innosilicon-a[46]\b/, 'scrypt'],
  [/^innosilicon-a9\b/, 'equihash'],
  [/^innosilicon-a1[01]\b/, 'ethash'],
  [/^iceriver-ks/, 'kheavyhash'],
  [/^iceriver-al/, 'blake3'],
  [/^goldshell-kd/, 'blake2s'],
  [/^goldshell-ck/, 'eaglesong'],
  [/^goldshell-hs/, 'handshake'],
  [/^goldshell-(?:lt|dg|mini-?doge)/, 'scrypt'],
  [/^goldshell-sc/, 'blake2b'],
  [/^goldshell-al/, 'blake3'],
  [/^goldshell-e?-?ka/, 'kheavyhash'],
  [/^obelisk-sc1/, 'blake2b'],
  [/^obelisk-dcr1/, 'blake256r14'],
  [/^obelisk-grn1/, 'cuckatoo31'],
];

/** "other": the model does not tell. */
export function algorithmOf(model: string): string {
  return ALGORITHMS.find(([pattern]) => pattern.test(model))?.[1] ?? 'other';
}

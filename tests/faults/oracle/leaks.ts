/** A secret of a run, and what to call it. */
export interface Secret {
  name: string;
  text: string;
}

/** Something that was written or said, and where. */
export interface Heard {
  where: string;
  text: string;
}

/** "hy_<id>_<secret><crc>": the id is public. */
export function secretOfToken(name: string, token: string): Secret {
  return { name, text: token.split('_').at(-1)! };
}

/** Each place where a secret stands, as it is or in one of the forms it travels in. */
export function leaksIn(heard: readonly Heard[], secrets: readonly Secret[]): string[] {
  const found: string[] = [];
  for (const { name, text } of secrets) {
    for (const form of formsOf(text)) {
      for (const { where, text: said } of heard) {
        const at = said.indexOf(form);
        if (at === -1) continue;
        const around = said.slice(Math.max(0, at - 80), at).replaceAll('\n', ' ');
        found.push(`${name} is in ${where}, after "${around}"`);
      }
    }
  }
  return found;
}

function formsOf(text: string): Set<string> {
  const bytes = Buffer.from(text);
  return new Set([
    text,
    encodeURIComponent(text),
    JSON.stringify(text).slice(1, -1),
    bytes.toString('hex'),
    bytes.toString('base64').replaceAll('=', ''),
    bytes.toString('base64url'),
  ]);
}

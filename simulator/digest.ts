import { hash, randomBytes } from 'node:crypto';

/** Seconds a nonce is good for, as lighttpd has it. */
const NONCE_LIFE_S = 600;

const md5 = (text: string): string => hash('md5', text, 'hex');

/** HTTP digest authentication (RFC 7616, MD5, qop=auth) the way lighttpd does it. */
export function makeDigest(realm: string, user: string, passwords: readonly string[]) {
  const secret = randomBytes(8).toString('hex');
  const secrets = passwords.map((password) => md5(`${user}:${realm}:${password}`));
  const nonceOf = (bornS: string): string => `${bornS}:${md5(`${bornS}:${secret}`)}`;

  return {
    /** Value of `WWW-Authenticate`; a nonce of this second. */
    challenge(nowS: number): string {
      return `Digest realm="${realm}", nonce="${nonceOf(nowS.toString(16))}", qop="auth"`;
    },
    /** Whether an `Authorization` header proves one of the passwords for this method and path. */
    accepts(header: string | undefined, method: string, uri: string, nowS: number): boolean {
      if (header === undefined || !header.startsWith('Digest ')) return false;
      const fields = new Map<string, string>();
      for (const [, key, quotedValue, plainValue] of header.matchAll(
        /(\w+)=(?:"([^"]*)"|([^\s,]+))/g,
      )) {
        if (key !== undefined) fields.set(key, quotedValue ?? plainValue ?? '');
      }
      const nonce = fields.get('nonce') ?? '';
      const [bornS = ''] = nonce.split(':');
      const ageS = nowS - Number.parseInt(bornS, 16);
      if (nonce !== nonceOf(bornS) || !(ageS >= 0 && ageS <= NONCE_LIFE_S)) return false;
      if (fields.get('username') !== user || fields.get('uri') !== uri) return false;
      const ha2 = md5(`${method}:${uri}`);
      const middle =
        fields.get('qop') === undefined
          ? nonce
          : `${nonce}:${fields.get('nc')}:${fields.get('cnonce')}:${fields.get('qop')}`;
      return secrets.some((ha1) => fields.get('response') === md5(`${ha1}:${middle}:${ha2}`));
    },
  };
}

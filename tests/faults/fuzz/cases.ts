import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { GOLDEN_COUNT, goldenOf } from './golden.ts';
import { mutate, NASTY_TEXTS } from './mutate.ts';
import { randomOf, type Random } from './random.ts';

/** One request to be sent. */
export interface FuzzCase {
  index: number;
  kind: string;
  method: 'POST' | 'PUT';
  path: string;
  /** Besides the credential, which is the agent's for a sync and the administrator's elsewhere. */
  headers: Record<string, string>;
  body: Buffer;
}

type Made = Partial<Omit<FuzzCase, 'index' | 'kind'>> & { body: Buffer };
type Maker = (random: Random, golden: Record<string, unknown>) => Made;

const GZIP = { 'content-encoding': 'gzip' };
const text = (body: unknown): Buffer => Buffer.from(JSON.stringify(body));

/** 16 MB each, in 16 kB. */
const MEMBER = gzipSync(Buffer.alloc(16 * 1024 * 1024, ' '));

const DEPTHS = [100, 5_000, 100_000, 1_000_000];
const POISON = [
  '{"__proto__":{"polluted":1}}',
  '{"constructor":{"prototype":{"polluted":1}}}',
  '{"\\u005f_proto__":{"polluted":1}}',
  '{"miner_stats":[{"__proto__":{"polluted":1},"ip_address":"127.0.0.1","timestamp":"x"}]}',
  '{"agent":{"version":"1","boot":"1","__proto__":{"polluted":1}}}',
  '{"discovered_miners":[{"ip_address":"x","constructor":{"prototype":{"polluted":1}}}]}',
];
const PLACES: readonly [FuzzCase['method'], string, Record<string, unknown>][] = [
  ['POST', '/api/sites', { name: 'n', description: 'd', location: 'l' }],
  ['POST', '/api/containers', { name: 'n', description: 'd', location: 'l', site_id: 1 }],
  ['POST', '/api/pools', { name: 'n', description: 'd' }],
  ['POST', '/api/agent/register', { name: 'n', description: 'd', site_id: 1 }],
  ['POST', '/api/miners', { ip_address: '127.0.0.1', port: 4028, name: 'n', site_id: 1, tags: [] }],
  ['PUT', '/api/miners/1', { name: 'n', tags: ['a'], container_id: 1, pool_id: null }],
];

/** Each kind and how often it comes, out of the sum. */
const KINDS: Record<string, [share: number, make: Maker]> = {
  'mutated fields': [
    30,
    (random, golden) => {
      mutate(golden, random, 1 + random.below(4));
      return { body: text(golden) };
    },
  ],
  'mutated text': [12, (random, golden) => ({ body: scribble(text(golden), random) })],
  'random bytes': [8, (random) => ({ body: random.bytes(random.below(2_000)) })],
  'truncated JSON': [
    10,
    (random, golden) => {
      const whole = text(golden);
      return { body: whole.subarray(0, random.below(whole.length)) };
    },
  ],
  'bits flipped in gzip': [
    10,
    (random, golden) => {
      const zipped = gzipSync(text(golden));
      for (let flips = 1 + random.below(4); flips > 0; flips -= 1) {
        zipped[random.below(zipped.length)]! ^= 1 << random.below(8);
      }
      return { headers: GZIP, body: zipped };
    },
  ],
  'truncated gzip': [
    4,
    (random, golden) => {
      const zipped = gzipSync(text(golden));
      return { headers: GZIP, body: zipped.subarray(0, random.below(zipped.length)) };
    },
  ],
  nested: [
    3,
    (random, golden) => {
      const depth = random.pick(DEPTHS);
      const [open, close] = random.pick([['[', ']'] as const, ['{"a":', '}'] as const]);
      const deep = `${open.repeat(depth)}1${random.below(4) > 0 ? close.repeat(depth) : ''}`;
      const whole = JSON.stringify(golden).replace('{', '{"x":"@",');
      return { body: Buffer.from(random.below(2) > 0 ? deep : whole.replace('"@"', deep)) };
    },
  ],
  poison: [4, (random) => ({ body: Buffer.from(random.pick(POISON)) })],
  'gzip bomb': [
    0.4,
    (random) => ({
      headers: GZIP,
      body: Buffer.concat(Array.from({ length: 1 + random.below(32) }, () => MEMBER)),
    }),
  ],
  'too large': [0.2, () => ({ body: Buffer.alloc(9 * 1024 * 1024, '[1],') })],
  'long lists': [
    0.4,
    (random, golden) => {
      const item = (golden['miner_stats'] as unknown[] | undefined)?.[0] ?? {};
      return {
        body: text({ miner_stats: Array.from({ length: 500 + random.below(2_000) }, () => item) }),
      };
    },
  ],
  'wrong headers': [
    8,
    (random, golden) => {
      const body = text(golden);
      return random.pick<() => Made>([
        () => ({ headers: { 'content-type': 'text/plain' }, body }),
        () => ({ headers: { 'content-type': 'application/json; charset=utf-16' }, body }),
        () => ({ headers: { 'content-type': random.bytes(20).toString('base64') }, body }),
        () => ({ headers: GZIP, body }),
        () => ({ headers: { 'content-encoding': 'br' }, body: brotliCompressSync(body) }),
        () => ({ headers: { 'content-encoding': 'deflate' }, body: deflateSync(body) }),
        () => ({ headers: { 'content-encoding': 'gzip, gzip' }, body: gzipSync(gzipSync(body)) }),
        () => ({ headers: { 'content-encoding': 'identity' }, body }),
        () => ({ headers: { 'x-api-key': random.bytes(30).toString('base64') }, body }),
        () => ({ headers: { 'x-api-key': '' }, body }),
        () => ({ headers: { 'x-lane': random.bytes(9).toString('base64') }, body }),
        () => ({ headers: { cookie: `access_token=${'x'.repeat(4_000)}` }, body }),
        () => ({ headers: { expect: '100-continue' }, body }),
        () => ({ headers: { 'x-filler': 'f'.repeat(20_000) }, body }),
        () => ({ headers: { 'content-length': String(body.length + 100) }, body }),
      ])();
    },
  ],
  'other routes': [
    8,
    (random) => {
      const [method, path, whole] = random.pick(PLACES);
      const body = structuredClone(whole);
      mutate(body, random, 1 + random.below(3));
      return {
        method,
        path,
        body: random.below(4) > 0 ? text(body) : scribble(text(body), random),
      };
    },
  ],
  unharmed: [3, (_random, golden) => ({ body: text(golden) })],
};

const TOTAL = Object.values(KINDS).reduce((sum, [share]) => sum + share, 0);

/** Case `index` of a seed; `at` is the time of the samples in it. */
export function fuzzCase(seed: number, index: number, at: Date): FuzzCase {
  const random = randomOf((seed ^ (index * 0x9e3779b1)) | 0);
  let draw = (random.below(1_000_000) / 1_000_000) * TOTAL;
  const [kind, [, make]] = Object.entries(KINDS).find(([, [share]]) => (draw -= share) < 0)!;
  const made = make(random, goldenOf(random.below(GOLDEN_COUNT), index, at));
  return {
    index,
    kind,
    method: 'POST',
    path: '/api/agent/sync',
    ...made,
    headers: { 'content-type': 'application/json', ...made.headers },
  };
}

/** Changes, takes out or puts in some bytes. */
function scribble(bytes: Buffer, random: Random): Buffer {
  let result = bytes;
  for (let times = 1 + random.below(5); times > 0; times -= 1) {
    const at = random.below(result.length + 1);
    const end = at + random.pick([0, 0, 1, 1, 8]);
    const put = random.pick([
      random.bytes(1),
      Buffer.from(random.pick(['"', '\\', '{', '}', '[', ']', ',', ':', 'NaN', '-', 'e9', '\0'])),
      Buffer.from(random.pick(NASTY_TEXTS)),
    ]);
    result = Buffer.concat([result.subarray(0, at), put, result.subarray(end)]);
  }
  return result;
}

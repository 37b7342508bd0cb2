import { argon2, randomBytes, timingSafeEqual, type Argon2Parameters } from 'node:crypto';
import { promisify } from 'node:util';
import { Failure } from '../../failures.ts';

/** OWASP's minimum for argon2id: 19 MiB, two passes, one lane; about 40 ms. */
const MEMORY_KIB = 19_456;
const PASSES = 2;
const LANES = 1;
const TAG_BYTES = 32;
const SALT_BYTES = 16;

/** Each hash takes a core and 19 MiB: without a bound the login page is a memory bomb. */
const AT_ONCE = 2;
const WAITING = 32;

export const PASSWORD_LENGTH = { min: 12, max: 128 } as const;

/** Why a new password will not do; null when it will. */
export function passwordProblem(username: string, password: string): 'length' | 'is_name' | null {
  if (password.length < PASSWORD_LENGTH.min || password.length > PASSWORD_LENGTH.max)
    return 'length';
  return password.toLowerCase() === username.toLowerCase() ? 'is_name' : null;
}

const compute = promisify<'argon2id', Argon2Parameters, Buffer>((algorithm, parameters, done) =>
  argon2(algorithm, parameters, done),
);

let running = 0;
const waiting: (() => void)[] = [];

/** PHC string: "$argon2id$v=19$m=19456,t=2,p=1$<salt>$<hash>". */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(SALT_BYTES);
  const hash = await derive(password, salt, {
    memory: MEMORY_KIB,
    passes: PASSES,
    parallelism: LANES,
  });
  return `$argon2id$v=19$m=${MEMORY_KIB},t=${PASSES},p=${LANES}$${unpadded(salt)}$${unpadded(hash)}`;
}

/**
 * Whether `password` belongs to `phc`. With null (no such user) the same work is done and the answer is no,
 * so that the time taken does not tell who exists. Throws Failure `busy` when too many wait.
 */
export async function verifyPassword(password: string, phc: string | null): Promise<boolean> {
  const match = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$([\w+/]+)\$([\w+/]+)$/.exec(phc ?? '');
  const [, memory = MEMORY_KIB, passes = PASSES, lanes = LANES, salt = '', expected = ''] =
    match ?? [];
  const hash = await derive(
    password,
    match ? Buffer.from(salt, 'base64') : randomBytes(SALT_BYTES),
    {
      memory: Number(memory),
      passes: Number(passes),
      parallelism: Number(lanes),
    },
  );
  const wanted = Buffer.from(expected, 'base64');
  return wanted.length === hash.length && timingSafeEqual(wanted, hash);
}

async function derive(
  password: string,
  nonce: Buffer,
  cost: { memory: number; passes: number; parallelism: number },
): Promise<Buffer> {
  await takeTurn();
  try {
    // NFKC: the same password typed on two systems may arrive composed in one and decomposed in the other.
    const message = Buffer.from(password.normalize('NFKC'));
    return await compute('argon2id', { message, nonce, tagLength: TAG_BYTES, ...cost });
  } finally {
    // The turn is handed over, not given back: a newcomer must not slip in between.
    const next = waiting.shift();
    if (next) next();
    else running -= 1;
  }
}

async function takeTurn(): Promise<void> {
  if (running < AT_ONCE) {
    running += 1;
    return;
  }
  if (waiting.length >= WAITING) {
    throw new Failure('busy', 'Too many logins at once; try again in a moment', { retryAfterS: 2 });
  }
  await new Promise<void>((resolve) => {
    waiting.push(resolve);
  });
}

function unpadded(bytes: Buffer): string {
  return bytes.toString('base64').replaceAll('=', '');
}

import * as z from 'zod';
import { Failure } from '../../failures.ts';
import { PASSWORD_LENGTH, passwordProblem } from './password.ts';

/** A password in a body, good or not; no rule but a bound, so that a wrong one is wrong and not malformed. */
export const passwordText = z.string().max(PASSWORD_LENGTH.max * 4);

/** Throws Failure `invalid_body` for a password that will not do; `field` names it in the body. */
export function refuseBadPassword(username: string, password: string, field = 'password'): void {
  const { min, max } = PASSWORD_LENGTH;
  const problem = passwordProblem(username, password);
  if (problem === null) return;
  const message =
    problem === 'length'
      ? `expected ${min} to ${max} characters`
      : 'expected another text than the user name';
  throw new Failure('invalid_body', `${field}: ${message}`, { errors: [{ path: field, message }] });
}

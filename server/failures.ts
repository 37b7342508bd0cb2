import type { FastifyError, FastifyInstance } from 'fastify';
import { hasZodFastifySchemaValidationErrors } from 'fastify-type-provider-zod';
import { REFUSALS, type Problem, type RefusalCode } from '#contract/refusals.ts';
import { InfluxError } from './influx/influx.ts';
import { isDatabaseUnavailable, isUnstorable } from './resources/postgres.ts';

/**
 * An answer the caller can act on: a code, and a sentence that names the field and the remedy.
 * Anything else thrown in a handler is a fault of ours and becomes a bare 500.
 */
export class Failure extends Error {
  override readonly name = 'Failure';
  readonly code: RefusalCode;
  readonly retryAfterS: number | undefined;
  readonly errors: Problem['errors'];

  constructor(
    code: RefusalCode,
    detail: string,
    more: { retryAfterS?: number; errors?: Problem['errors']; cause?: unknown } = {},
  ) {
    super(detail, { cause: more.cause });
    this.code = code;
    this.retryAfterS = more.retryAfterS;
    this.errors = more.errors;
  }
}

declare module 'fastify' {
  interface FastifyRequest {
    /** What the request was refused with; null while it was not. */
    refusal: Pick<Problem, 'code' | 'detail'> | null;
  }
}

const TITLES: Record<number, string> = {
  400: 'Bad request',
  401: 'Not authenticated',
  403: 'Not allowed',
  404: 'Not found',
  409: 'Conflict',
  413: 'Too large',
  415: 'Unsupported media type',
  422: 'Invalid body',
  429: 'Too many requests',
  500: 'Internal error',
  503: 'Unavailable',
};

function problemOf(
  code: string,
  status: number,
  detail: string,
  errors?: Problem['errors'],
): Problem {
  return {
    type: `urn:hashyard:problem:${code}`,
    title: TITLES[status] ?? 'Error',
    status,
    code,
    detail,
    ...(errors ? { errors } : {}),
  };
}

/** Codes Fastify itself raises before a handler runs. */
const FASTIFY_CODES: Record<string, RefusalCode> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'too_large',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'unsupported_encoding',
  FST_ERR_CTP_INVALID_JSON_BODY: 'invalid_json',
  FST_ERR_HANDLER_TIMEOUT: 'busy',
};

const RETRY_S = 5;
/** Errors listed in one answer: a batch wrong throughout must not be answered with a longer one. */
const MAX_ERRORS = 50;

interface ZodIssue {
  instancePath: string;
  message?: string;
  params?: Record<string, unknown>;
}

/** Each wrong field by its path and what is expected there; `where` names the part of the request. */
function invalidBody(issues: readonly ZodIssue[], where: string) {
  const errors = issues.slice(0, MAX_ERRORS).map((issue) => ({
    path: issue.instancePath.slice(1).replaceAll('/', '.') || where,
    message: expectation(issue),
  }));
  const more = issues.length > 1 ? ` (and ${issues.length - 1} more)` : '';
  return { detail: `${errors[0]?.path}: ${errors[0]?.message}${more}`, errors };
}

/** Of a union ("number, or text with a number in it") zod says only "Invalid input"; its first member says what is meant. */
function expectation(issue: ZodIssue): string {
  const branches = issue.params?.['errors'];
  const first: unknown =
    Array.isArray(branches) && Array.isArray(branches[0]) ? branches[0][0] : null;
  if (typeof first === 'object' && first !== null && 'message' in first)
    return String(first.message);
  return issue.message ?? 'invalid';
}

/** The one place where errors become answers. Every body is a `Problem`. */
export function installErrorHandler(app: FastifyInstance): void {
  app.decorateRequest('refusal', null);
  app.setErrorHandler((error: FastifyError | Failure | InfluxError, request, reply) => {
    const send = (code: string, status: number, detail: string, errors?: Problem['errors']) => {
      request.refusal = { code, detail };
      // RFC 9110 wants one with every 401.
      if (status === 401) reply.header('www-authenticate', 'Bearer');
      return reply
        .code(status)
        .type('application/problem+json; charset=utf-8')
        .send(problemOf(code, status, detail, errors));
    };

    if (error instanceof Failure) {
      const { status } = REFUSALS[error.code];
      if (error.retryAfterS !== undefined) reply.header('retry-after', error.retryAfterS);
      if (status >= 500) request.log.warn({ err: error, code: error.code }, 'refused');
      return send(error.code, status, error.message, error.errors);
    }
    if (isDatabaseUnavailable(error)) {
      request.log.warn({ err: error }, 'Postgres is unavailable');
      reply.header('retry-after', RETRY_S);
      return send('database_unavailable', 503, 'The database does not answer; try again shortly.');
    }
    // A query InfluxDB finds wrong is a fault of ours and falls through.
    if (
      error instanceof InfluxError &&
      (error.kind === 'unavailable' || error.kind === 'misconfigured')
    ) {
      request.log.warn({ err: error }, 'InfluxDB is unavailable');
      reply.header('retry-after', error.retryAfterS ?? RETRY_S);
      return send('metrics_unavailable', 503, 'InfluxDB does not answer; try again shortly.');
    }
    if (isUnstorable(error)) {
      const detail = `A value cannot be stored: ${error.message}. Leave out NUL characters and numbers out of range.`;
      return send('invalid_body', 422, detail);
    }
    if (hasZodFastifySchemaValidationErrors(error)) {
      const { detail, errors } = invalidBody(error.validation, error.validationContext ?? 'body');
      return send('invalid_body', 422, detail, errors);
    }
    if ('code' in error && error.code === 'FST_CP_ERR_INVALID_CONTENT') {
      return send(
        'invalid_json',
        REFUSALS.invalid_json.status,
        `The body is not complete gzip: ${error.message}`,
      );
    }
    const known = 'code' in error ? FASTIFY_CODES[error.code] : undefined;
    if (known) return send(known, REFUSALS[known].status, error.message);
    if ('statusCode' in error && error.statusCode && error.statusCode < 500) {
      return send(
        error.statusCode === 429 ? 'slow_down' : 'invalid_body',
        error.statusCode,
        error.message,
      );
    }
    request.log.error({ err: error }, 'unexpected error');
    return send('internal', 500, 'Internal error; the server log has the details.');
  });

  app.setNotFoundHandler((request, reply) =>
    reply
      .code(404)
      .type('application/problem+json; charset=utf-8')
      .send(problemOf('not_found', 404, `No route ${request.method} ${request.url.split('?')[0]}`)),
  );
}

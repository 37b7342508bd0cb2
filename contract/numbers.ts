import * as z from 'zod';

const DECIMAL = /^\s*[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?\s*$/i;
const NOT_FINITE = /^[+-]?(nan|inf(inity)?)$/i;

/**
 * A number as the server being replaced read it: JSON number or decimal string ("504.56").
 * "NaN" and "Infinity" (Python writes them bare; the body reader quotes them) come out as NaN,
 * which the ingest turns into "not reported" and names in `errors`. Any other text is a wrong type.
 */
export const laxNumber = z.union([
  z.number(),
  z
    .string()
    .refine((text) => DECIMAL.test(text) || NOT_FINITE.test(text), 'expected a number')
    .transform((text) => (DECIMAL.test(text) ? Number(text) : Number.NaN)),
]);

/** As `laxNumber`, whole numbers only: 12, 12.0 and "12" pass, 12.5 does not. */
export const laxInteger = laxNumber.refine(
  (value) => Number.isNaN(value) || Number.isInteger(value),
  'expected a whole number',
);

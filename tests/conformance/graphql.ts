import type { CapturedReply } from './captured-set.ts';

type Tree = { [key: string]: unknown };

/**
 * The answer to a query from the queries that were captured: each of its fields is looked up in all of
 * them, for one query may ask at once what the source asked in several. Null: nothing was captured.
 */
export function graphqlReply(replies: readonly CapturedReply[], body: string): string | null {
  const captured = replies.filter(({ request }) => request.startsWith('POST /graphql'));
  if (captured.length === 0) return null;
  const { query = '' } = JSON.parse(body) as { query?: string };
  const wanted = new Set(query.match(/\w+/g));
  const all = captured.reduce<unknown>((tree, { text }) => merged(tree, JSON.parse(text)), {});
  return JSON.stringify({ data: picked((all as Tree)['data'], wanted) });
}

const isTree = (value: unknown): value is Tree =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function merged(a: unknown, b: unknown): unknown {
  if (!isTree(a) || !isTree(b)) return b;
  const keys = new Set([...Object.keys(a), ...Object.keys(b)]);
  return Object.fromEntries(
    [...keys].map((key) => [
      key,
      key in a && key in b ? merged(a[key], b[key]) : (a[key] ?? b[key]),
    ]),
  );
}

function picked(value: unknown, wanted: ReadonlySet<string>): unknown {
  if (Array.isArray(value)) return value.map((item) => picked(item, wanted));
  if (!isTree(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => wanted.has(key))
      .map(([key, inner]) => [key, picked(inner, wanted)]),
  );
}

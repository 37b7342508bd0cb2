export interface InfluxAccess {
  url: string;
  user: string;
  password: string;
}

/** One group of an answer. Times are whole seconds. */
export interface InfluxRows {
  tags: Record<string, string>;
  columns: string[];
  values: (string | number | null)[][];
}

interface Answer {
  error?: string;
  results?: { error?: string; series?: Partial<InfluxRows>[] }[];
}

/** Asks InfluxDB itself, past our own server: what is stored, not what we believe is. Throws on any error. */
export async function askInflux(
  access: InfluxAccess,
  database: string,
  query: string,
): Promise<InfluxRows[]> {
  const { url, user, password } = access;
  const answer = await fetch(`${url}/query?db=${encodeURIComponent(database)}&epoch=s`, {
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}` },
    body: new URLSearchParams({ q: query }),
  });
  const { error, results = [] } = (await answer.json()) as Answer;
  const wrong = error ?? results.find((result) => result.error !== undefined)?.error;
  if (wrong !== undefined) throw new Error(`InfluxDB refused "${query}": ${wrong}`);
  return results.flatMap(({ series = [] }) =>
    series.map(({ tags = {}, columns = [], values = [] }) => ({ tags, columns, values })),
  );
}

/** A rule as the provisioning file has it. */
export interface RuleJson {
  uid: string;
  title: string;
  condition: string;
  data: {
    refId: string;
    datasourceUid: string;
    relativeTimeRange: { from: number; to: number };
    model: {
      rawSql?: string;
      query?: string;
      type?: string;
      expression?: string;
      reducer?: string;
    };
  }[];
  noDataState: string;
  execErrState: string;
  for: string;
  labels: Record<string, string>;
  annotations: Record<string, string>;
  dashboardUid: string;
  panelId: number;
}

export interface Numbered {
  labels: Readonly<Record<string, string>>;
  value: number;
}

/** What a rule's queries are answered with. Rejects when the database is away. */
export interface Answers {
  sql(text: string): Promise<Record<string, unknown>[]>;
  /** The last value of each series of the seconds before the present moment. */
  influxql(text: string, seconds: number): Promise<Numbered[]>;
}

export interface Evaluation {
  /** What the condition says of each set of labels, and the number shown with it. */
  found: { labels: Numbered['labels']; isWrong: boolean; value: number | undefined }[];
}

/** One look of a rule, as Grafana's expressions work it out (pkg/expr of 9.3: numbers, reduce, math with its union of labels). */
export async function evaluate(rule: RuleJson, answers: Answers): Promise<Evaluation> {
  const results = new Map<string, Numbered[]>();
  for (const { refId, model, relativeTimeRange } of rule.data) {
    if (model.rawSql !== undefined) {
      results.set(refId, numbersOfRows(await answers.sql(model.rawSql)));
    } else if (model.query !== undefined) {
      results.set(refId, await answers.influxql(model.query, relativeTimeRange.from));
    } else if (model.type === 'reduce') {
      results.set(refId, results.get(model.expression ?? '') ?? []);
    } else if (model.type === 'math') {
      results.set(refId, math(model.expression ?? '', results));
    } else {
      throw new Error(`Rule ${rule.uid} has a query that is none of these`);
    }
  }
  const values = results.get('B') ?? [];
  return {
    found: (results.get(rule.condition) ?? []).map(({ labels, value }) => ({
      labels,
      isWrong: value !== 0,
      value: values.find((one) => sameLabels(one.labels, labels))?.value,
    })),
  };
}

/** A table is numbers when one column is a number and the others are texts, which become labels. */
function numbersOfRows(rows: readonly Record<string, unknown>[]): Numbered[] {
  return rows.map((row) => {
    const columns = Object.entries(row);
    const numbers = columns.filter(([, value]) => typeof value === 'number');
    const texts = columns.filter(([, value]) => typeof value === 'string');
    const [number] = numbers;
    if (!number || numbers.length !== 1 || numbers.length + texts.length !== columns.length) {
      throw new Error(`Not one number and texts: ${JSON.stringify(row)}`);
    }
    return {
      labels: Object.fromEntries(texts) as Record<string, string>,
      value: number[1] as number,
    };
  });
}

const OPERATIONS: Record<string, (a: number, b: number) => number> = {
  '*': (a, b) => a * b,
  '>': (a, b) => Number(a > b),
  '<': (a, b) => Number(a < b),
  '>=': (a, b) => Number(a >= b),
};

function math(text: string, results: ReadonlyMap<string, Numbered[]>): Numbered[] {
  const [, left = '', sign = '', right = ''] = /^(\S+) (\S+) (\S+)$/.exec(text) ?? [];
  const operation = OPERATIONS[sign];
  if (!operation) throw new Error(`The rules do not use the expression "${text}"`);
  const operand = (name: string): Numbered[] =>
    name.startsWith('$')
      ? (results.get(name.slice(1)) ?? [])
      : [{ labels: {}, value: Number(name) }];
  return operand(left).flatMap((a) =>
    operand(right).flatMap((b) => {
      if (!contains(a.labels, b.labels) && !contains(b.labels, a.labels)) return [];
      return [{ labels: { ...a.labels, ...b.labels }, value: operation(a.value, b.value) }];
    }),
  );
}

const contains = (more: Numbered['labels'], less: Numbered['labels']) =>
  Object.entries(less).every(([name, value]) => more[name] === value);
const sameLabels = (a: Numbered['labels'], b: Numbered['labels']) =>
  contains(a, b) && contains(b, a);

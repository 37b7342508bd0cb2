/** What one level of a query reads; `from` is a measurement, or the level below. */
export interface Parsed {
  fields: { name: string; functions: string[]; columns: string[] }[];
  from: string | Parsed;
  hasTimeFilter: boolean;
  /** Tags and columns compared with a regular expression, and the expression. */
  matches: { column: string; regex: string }[];
  /** Columns compared with numbers or with one another. */
  compared: string[];
  groupBy: { time: boolean; tags: string[] };
  fill: string | null;
}

const FUNCTIONS = new Set(
  (
    'mean sum count min max first last top bottom percentile median stddev integral derivative ' +
    'non_negative_derivative cumulative_sum moving_average difference non_negative_difference'
  ).split(' '),
);
const FILLS = new Set(['none', 'null', 'previous', '0']);

const TOKEN =
  /\s+|(?<name>"[^"]+")|(?<regex>\/\^.*?\$\/)|(?<macro>\$\w+|\$\{step:raw\})|(?<duration>\d+[smhdw](?![a-z]))|(?<number>\d+(\.\d+)?)|(?<word>[A-Za-z_]\w*)|(?<symbol>=~|>=|<=|!=|[()<>=*/+,.;-])/gy;

interface Token {
  kind: string;
  text: string;
}

/**
 * Reads a query of the subset that InfluxDB 1.x, 2.x and 3.x share, before Grafana's expansion. Throws on
 * everything else: other functions, INTO, SLIMIT, a retention policy, a second statement, a bare word.
 */
export function parseInfluxql(text: string): Parsed {
  const tokens = tokenize(text);
  let at = 0;
  const next = (): Token => tokens[at] ?? { kind: 'end', text: '' };
  const fail = (wanted: string): never => {
    throw new Error(`Expected ${wanted}, found "${next().text}" (word ${at + 1}) in: ${text}`);
  };
  const take = (kind: string, value?: string): string => {
    const token = next();
    if (token.kind !== kind || (value !== undefined && token.text !== value)) fail(value ?? kind);
    at += 1;
    return token.text;
  };
  const has = (kind: string, value: string): boolean => {
    if (next().kind !== kind || next().text !== value) return false;
    at += 1;
    return true;
  };
  const list = <T>(item: () => T): T[] => {
    const items = [item()];
    while (has('symbol', ',')) items.push(item());
    return items;
  };
  const column = () => take('name').slice(1, -1);

  const select = (): Parsed => {
    take('word', 'SELECT');
    const fields = list(field);
    take('word', 'FROM');
    const from = has('symbol', '(') ? below() : column();
    const parsed: Parsed = {
      fields,
      from,
      hasTimeFilter: false,
      matches: [],
      compared: [],
      groupBy: { time: false, tags: [] },
      fill: null,
    };
    if (has('word', 'WHERE')) {
      do condition(parsed);
      while (has('word', 'AND'));
    }
    if (has('word', 'GROUP')) {
      take('word', 'BY');
      list(() => dimension(parsed));
    }
    if (has('word', 'fill')) {
      take('symbol', '(');
      const { text: fill } = next();
      if (!FILLS.has(fill)) fail([...FILLS].join(', '));
      at += 1;
      take('symbol', ')');
      parsed.fill = fill;
    }
    return parsed;
  };

  const below = (): Parsed => {
    const parsed = select();
    take('symbol', ')');
    return parsed;
  };

  const field = () => {
    const read = { name: '', functions: [] as string[], columns: [] as string[] };
    expression(read);
    take('word', 'AS');
    read.name = column();
    return read;
  };

  const expression = (read: { functions: string[]; columns: string[] }): void => {
    if (has('symbol', '(')) {
      expression(read);
      take('symbol', ')');
    } else if (next().kind === 'name') {
      read.columns.push(column());
    } else if (next().kind === 'number') {
      take('number');
    } else {
      const name = take('word');
      if (!FUNCTIONS.has(name)) throw new Error(`${name}() is not portable: ${text}`);
      read.functions.push(name);
      take('symbol', '(');
      list(() => (next().kind === 'duration' ? take('duration') : expression(read)));
      take('symbol', ')');
    }
    if (['+', '-', '*', '/'].includes(next().text)) {
      at += 1;
      expression(read);
    }
  };

  const condition = (parsed: Parsed): void => {
    if (has('macro', '$timeFilter')) {
      parsed.hasTimeFilter = true;
      return;
    }
    const left = column();
    const operator = take('symbol');
    if (operator === '=~') {
      parsed.matches.push({ column: left, regex: take('regex') });
      return;
    }
    if (!['=', '!=', '<', '>', '<=', '>='].includes(operator)) fail('a comparison');
    parsed.compared.push(left);
    if (next().kind === 'name') parsed.compared.push(column());
    else take('number');
  };

  const dimension = (parsed: Parsed): void => {
    if (has('word', 'time')) {
      take('symbol', '(');
      if (!has('macro', '$__interval')) take('macro', '${step:raw}');
      take('symbol', ')');
      parsed.groupBy.time = true;
    } else {
      parsed.groupBy.tags.push(column());
    }
  };

  const parsed = select();
  if (next().kind !== 'end') fail('the end');
  return parsed;
}

function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.length) {
    const start = TOKEN.lastIndex;
    const match = TOKEN.exec(text);
    if (!match) throw new Error(`Not portable at "${text.slice(start, start + 20)}": ${text}`);
    const [kind] =
      Object.entries(match.groups ?? {}).find(([, value]) => value !== undefined) ?? [];
    if (kind !== undefined) tokens.push({ kind, text: match[0] });
  }
  return tokens;
}

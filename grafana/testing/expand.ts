/** A variable as chosen in Grafana: one value, several, or All where All has a value of its own. */
export type Chosen = string | readonly string[] | { all: string };

export interface Choice {
  from: Date;
  to: Date;
  intervalS: number;
  variables: Record<string, Chosen>;
}

/**
 * What Grafana sends for a query text: its macros and the formats the dashboards use. Throws when anything is
 * left to replace, since Grafana would send that to the database as it stands.
 */
export function expand(text: string, { from, to, intervalS, variables }: Choice): string {
  const expanded = text
    .replaceAll('$timeFilter', `time >= ${from.getTime()}ms and time <= ${to.getTime()}ms`)
    .replaceAll('$__timeFrom()', `'${from.toISOString()}'`)
    .replaceAll('$__timeTo()', `'${to.toISOString()}'`)
    .replaceAll('$__interval_ms', String(intervalS * 1000))
    .replaceAll('$__interval', `${intervalS}s`)
    .replaceAll(/\$\{(\w+):(\w+)\}/g, (_, name: string, format: string) =>
      formatted(chosen(variables, name), format),
    )
    .replaceAll(/\$([a-z]\w*)/g, (_, name: string) => sqlLiteralText(chosen(variables, name)));
  const rest = /\$\{|\$\w+|\[\[/.exec(expanded);
  if (rest) throw new Error(`"${rest[0]}" stays in: ${expanded}`);
  return expanded;
}

function chosen(variables: Choice['variables'], name: string): Chosen {
  const value = variables[name];
  if (value === undefined) throw new Error(`The dashboard has no variable "${name}"`);
  return value;
}

function formatted(value: Chosen, format: string): string {
  if (isAll(value)) return value.all;
  if (format === 'regex') {
    return typeof value === 'string' ? escaped(value) : `(${value.map(escaped).join('|')})`;
  }
  if (format === 'raw') return typeof value === 'string' ? value : value.join(',');
  throw new Error(`The dashboards do not use the format "${format}"`);
}

/** Of a variable that is neither multi nor All: the plugin doubles quotes and adds none. */
function sqlLiteralText(value: Chosen): string {
  if (typeof value !== 'string') throw new Error('Only a single value may stand without a format');
  return value.replaceAll("'", "''");
}

function isAll(value: Chosen): value is { all: string } {
  return typeof value === 'object' && 'all' in value;
}

function escaped(value: string): string {
  return value.replaceAll(/[\\^$*+?.()|[\]{}/]/g, String.raw`\$&`);
}

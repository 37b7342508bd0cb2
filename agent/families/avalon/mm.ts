import type { Json } from '../../lenient-json.ts';
import type { Replies } from '../family.ts';
import { num, numbers, row, rows, text } from '../values.ts';

/** One module's report, "Ver[1246-…] Temp[30] Fan1[5344] PS[0 1214 …] …", by key. */
export type Module = ReadonlyMap<string, string>;

const KEY = /[A-Za-z][A-Za-z0-9_]*(?: Mask)?$/;
const LONGEST_KEY = 64;

/** Values hold spaces and commas ("SYSTEMSTATU[Work: In Work, Hash Board: 3 ]"), never a bracket. */
function parseModule(report: string): Module {
  const fields = new Map<string, string>();
  // From bracket to bracket, each looked at once: a pattern over the whole would start anew at every letter.
  for (let at = 0, open = report.indexOf('['); open >= 0; open = report.indexOf('[', at)) {
    const close = report.indexOf(']', open);
    if (close < 0) break;
    const key = KEY.exec(report.slice(Math.max(at, open - LONGEST_KEY), open))?.[0];
    if (key !== undefined) fields.set(key, report.slice(open + 1, close).trim());
    at = close + 1;
  }
  return fields;
}

export interface Machine {
  modules: Module[];
  /** Seconds, as the reply with the modules says. */
  uptimeS: number | null;
}

/**
 * The modules of a reply. A10–A15 have one ("MM ID0"); 7xx–9xx one for each box on each bus
 * ("MM ID1"… in several STATS entries): one address can be a whole rack. Newer ones say
 * `"MM ID0:Summary":"'STATS':{…}"`.
 */
function modulesOf(reply: Json | undefined): Module[] {
  const modules: Module[] = [];
  for (const entry of rows(row(reply)['STATS'])) {
    for (const [key, value] of Object.entries(entry)) {
      if (!/^MM ID\d+(:Summary)?$/.test(key) || typeof value !== 'string') continue;
      const module = parseModule(value);
      if (module.size > 0) modules.push(module);
    }
  }
  return modules;
}

/** Replies that carry modules, best first; a Q's `stats` may be an empty shell, then `litestats` is not. */
const CARRIERS = ['stats', 'estats', 'litestats'];

export function machine(replies: Replies): Machine {
  for (const name of CARRIERS) {
    const modules = modulesOf(replies.get(name));
    const [head] = modules;
    if (!head) continue;
    const entry = rows(row(replies.get(name))['STATS'])[0] ?? {};
    const own = num(entry['Elapsed']);
    return { modules, uptimeS: own ?? numberIn(head, 'Elapsed') };
  }
  return { modules: [], uptimeS: null };
}

export function has(replies: Replies, name: string): boolean {
  return modulesOf(replies.get(name)).length > 0;
}

export function numberIn(module: Module | undefined, key: string): number | null {
  return num(module?.get(key));
}

export function numbersIn(module: Module, key: string): number[] {
  return numbers(module.get(key));
}

export function textIn(module: Module | undefined, key: string): string | null {
  return text(module?.get(key));
}

/** The name in `Ver[…]`: "1246-83-21072802_…" → "1246-83", "7411706-3162860" → "741", "Q-25052801_…" → "Q". */
export function modelIn(module: Module | undefined): string | null {
  const version = textIn(module, 'Ver');
  if (version === null) return null;
  const dated = /^(.+?)-\d{8}_/.exec(version)?.[1];
  return dated ?? /^(\d{3})\d{4}-/.exec(version)?.[1] ?? null;
}

/** The firmware in `Ver[…]`: what follows the model. */
export function firmwareIn(module: Module | undefined): string | null {
  const version = textIn(module, 'Ver');
  return version === null ? null : (/-(\d{8}_.+)$/.exec(version)?.[1] ?? version);
}

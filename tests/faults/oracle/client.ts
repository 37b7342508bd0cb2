import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Verdict } from './verdict.ts';

export interface OracleSite {
  /** Number of the site: seed of its truth. */
  site: number;
  scope: string;
  agentId: number;
  queueDir: string;
}

/** What the oracle is asked. */
export type Question =
  | { kind: 'site'; site: OracleSite }
  | { kind: 'line'; site: number; line: string }
  | { kind: 'judge' };

export interface Oracle extends AsyncDisposable {
  site(site: OracleSite): void;
  /** A line an agent printed: "T <s> <n>" or "P <s> <n>". */
  tell(site: number, line: string): void;
  judge(): Promise<Verdict>;
}

/** Starts the oracle: a process of its own that no fault touches, so that its ledger outlives everything it judges. */
export async function startOracle(databases: {
  influx: { url: string; user: string; password: string };
  databaseUrl: string;
}): Promise<Oracle> {
  const { url, user, password } = databases.influx;
  const settings = { influx: { url, user, password }, databaseUrl: databases.databaseUrl };
  const child = spawn(
    process.execPath,
    [join(import.meta.dirname, 'oracle.ts'), JSON.stringify(settings)],
    { stdio: ['pipe', 'pipe', 'inherit'] },
  );
  await once(child, 'spawn');
  const exited = once(child, 'exit');
  const answers: ((line: string) => void)[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => answers.shift()?.(line));
  const ask = (question: Question): void => {
    child.stdin.write(`${JSON.stringify(question)}\n`);
  };
  return {
    site: (site) => ask({ kind: 'site', site }),
    tell: (site, line) => ask({ kind: 'line', site, line }),
    async judge() {
      const answer = new Promise<string>((resolve) => answers.push(resolve));
      ask({ kind: 'judge' });
      const line = await Promise.race([
        answer,
        exited.then(() => {
          throw new Error('The oracle ended before it judged');
        }),
      ]);
      return JSON.parse(line) as Verdict;
    },
    async [Symbol.asyncDispose]() {
      child.stdin.end();
      await exited;
    },
  };
}

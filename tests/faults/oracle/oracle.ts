/** The oracle's own process: reads questions as lines of JSON, answers each `judge` with a line. See client.ts. */
import { createInterface } from 'node:readline';
import { judge, type Databases, type JudgedSite } from './judge.ts';
import type { Question } from './client.ts';
import { Ledger } from './ledger.ts';

const databases = JSON.parse(process.argv[2] ?? '') as Databases;
const sites = new Map<number, JudgedSite>();
const ledgers = new Map<number, Ledger>();
const ledgerOf = (site: number): Ledger => {
  const ledger = ledgers.get(site) ?? new Ledger();
  ledgers.set(site, ledger);
  return ledger;
};

for await (const line of createInterface({ input: process.stdin })) {
  const question = JSON.parse(line) as Question;
  switch (question.kind) {
    case 'site':
      sites.set(question.site.site, {
        ...question.site,
        ledger: ledgerOf(question.site.site),
      });
      break;
    case 'line':
      ledgerOf(question.site).note(question.line);
      break;
    case 'judge':
      process.stdout.write(`${JSON.stringify(await judge(databases, [...sites.values()]))}\n`);
      break;
  }
}

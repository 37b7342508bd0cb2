import { Command, InvalidArgumentError, Option } from 'commander';
import type { Amount, FaultRow } from './row.ts';
import { ROWS } from './rows.ts';
import { runRow, type RowResult } from './run-row.ts';
import { detailsOf, tableHead, tableRow } from './table.ts';

function whole(text: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= 0) return value;
  throw new InvalidArgumentError('expected a whole number');
}

interface Flags {
  only?: string[];
  seed?: number;
  seconds?: number;
  amount: Amount;
}

const print = (line: string): void => void process.stdout.write(`${line}\n`);
const say = (line: string): void => void process.stderr.write(`${line}\n`);

async function run(flags: Flags): Promise<void> {
  const seed = flags.seed ?? Math.floor(Math.random() * 2 ** 31);
  const rows = flags.only ? ROWS.filter(({ name }) => flags.only?.includes(name)) : ROWS;
  say(`seed ${seed}`);
  const done = new Map<FaultRow, RowResult>();
  const runAll = async (waiting: Iterable<FaultRow>): Promise<void> => {
    for (const row of waiting) {
      say(`${row.name}: ${row.fault}`);
      const result = await runRow(row, {
        seed,
        amount: flags.amount,
        seconds: flags.seconds,
        say: (line) => say(`  ${row.name}: ${line}`),
      });
      done.set(row, result);
      for (const line of detailsOf(result)) say(line);
    }
  };
  // Both take from the same list.
  const shared = rows.filter(({ alone }) => !alone).values();
  await Promise.all([runAll(shared), runAll(shared)]);
  await runAll(rows.filter(({ alone }) => alone));

  print(tableHead);
  const results = rows.flatMap((row) => done.get(row) ?? []);
  for (const result of results) print(tableRow(result));
  const failed = results.filter(({ ok }) => !ok).length;
  const left = results.filter(({ leftOut }) => leftOut !== null).length;
  print(
    `\n${results.length - failed - left} rows passed, ${failed} failed, ${left} left out; seed ${seed}`,
  );
  if (failed > 0) process.exitCode = 1;
}

const names = ROWS.map(({ name }) => name);
await new Command('npm run faults --')
  .description(
    'Breaks a real system in every way of the fault table and counts what is lost. Exit code 1: a promise was broken.',
  )
  .addOption(new Option('--only <name...>', 'these rows alone').choices(names))
  .option('--seed <n>', 'repeats the choices of a run', whole)
  .option('--seconds <n>', 'length of the rows that last a given time', whole)
  .addOption(
    new Option('--amount <amount>', 'how much is injected')
      .choices(['ci', 'full', 'nightly'])
      .default('full'),
  )
  .action(run)
  .parseAsync();

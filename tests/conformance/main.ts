import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { reportLines, totalsOf } from './report.ts';
import { runConformance } from './run.ts';

const USAGE = `Usage: npm run conformance -- <folder or file> [--family a,b]

Replays captured devices (<folder>/<family>/<set>/, or a file of \`hashyard-agent scan --unknown-to\`) over real sockets, lets the agent identify and read
them, and compares with every value of their expected.json. Exits 1 when something differs.`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { family: { type: 'string' }, help: { type: 'boolean', short: 'h' } },
});
const [folder] = positionals;
if (values.help || folder === undefined || !existsSync(folder)) {
  const problem =
    folder !== undefined && !existsSync(folder) ? `${folder}: no such folder or file\n\n` : '';
  process.stderr.write(`${problem}${USAGE}\n`);
  process.exit(values.help ? 0 : 2);
}

const result = await runConformance(folder, values.family?.split(',') ?? null);
process.stdout.write(`${reportLines(result).join('\n')}\n`);
const totals = totalsOf(result);
const isRight = totals.setsRight === totals.sets && totals.valuesRight === totals.values;
process.exitCode = isRight && totals.sets > 0 ? 0 : 1;

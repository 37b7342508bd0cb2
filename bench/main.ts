import { Command, InvalidArgumentError } from 'commander';
import { run as api, type ApiBenchOptions } from './api.ts';
import { run as ingest, type IngestBenchOptions } from './ingest.ts';
import { run as poll } from './poll.ts';
import { run as query, type QueryBenchOptions } from './query.ts';
import { run as queue } from './queue.ts';
import { run as rollup, type RollupBenchOptions } from './rollup.ts';
import { run as scan } from './scan.ts';

function count(text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value > 0) return value;
  throw new InvalidArgumentError('expected a whole number above 0');
}

/** A benchmark says what it measured itself; a target it misses makes the exit code 1. */
function judge(result: { ok: boolean } | null): void {
  if (result !== null && !result.ok) process.exitCode = 1;
}

const program = new Command('npm run bench --').description(
  'Measures this machine; the targets are in the output. Exit code 1: a target was missed.',
);
program
  .command('ingest')
  .description(
    'batches through HTTP, Postgres and InfluxDB against the same lines written directly',
  )
  .option('--agents <n>', 'agents at once (4)', count)
  .option('--miners <n>', 'miners in a batch (1000)', count)
  .option('--batches <n>', 'batches of an agent in a round (10)', count)
  .option('--rounds <n>', 'rounds, the first of which warms up (4)', count)
  .action(async (options: IngestBenchOptions) => judge(await ingest(options)));
program
  .command('api')
  .description('what the admin page asks, with 10,000 miners: lists, searches, pages, files')
  .option('--miners <n>', 'miners (10000)', count)
  .option('--rounds <n>', 'requests of each kind (30)', count)
  .action(async (options: ApiBenchOptions) => judge(await api(options)));
program
  .command('poll')
  .description('one agent and its simulated miners: seconds a cycle, memory')
  .option('--miners <n>', 'simulated miners, one in five of them read over HTTP (10000)', count)
  .option('--cycles <n>', 'measured cycles (3)', count)
  .action(async (options: { miners?: number; cycles?: number }) => judge(await poll(options)));
program
  .command('query')
  .description(
    'every panel of Fleet, Site and Pipeline against naive queries of raw samples; Miner',
  )
  .option('--miners <n>', 'miners (10000)', count)
  .option('--sites <n>', 'sites they stand at (20)', count)
  .option('--days <n>', 'days of rollups (30)', count)
  .option('--raw-hours <n>', 'hours of raw samples of all miners (1)', count)
  .action(async (options: QueryBenchOptions) => judge(await query(options)));
program
  .command('queue')
  .description(
    "the agent's queue on this disk: appends, a start with a full folder, acknowledgements",
  )
  .option('--files <n>', 'batches (10000)', count)
  .option('--samples <n>', 'samples in a batch (100)', count)
  .action(async (options: { files?: number; samples?: number }) => judge(await queue(options)));
program
  .command('rollup')
  .description('what rollups cost beside ingest, and how long a backlog of one site takes them')
  .option('--agents <n>', 'agents (10)', count)
  .option('--miners <n>', 'miners of each (1000)', count)
  .option('--backlog-hours <n>', 'of the backlog (24)', count)
  .action(async (options: RollupBenchOptions) => judge(await rollup(options)));
program
  .command('scan')
  .description('a /18 whose silent addresses drop packets, in a network namespace; needs root')
  .option('--miners <n>', 'live miners in it (1500)', count)
  .action(async (options: { miners?: number }) => judge(await scan(options)));

await program.parseAsync();

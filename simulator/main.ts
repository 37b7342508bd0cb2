import { Command, InvalidArgumentError, Option } from 'commander';
import { ALL_MODELS, MIXES, onlyFamilies } from './all-models.ts';
import { startFarm } from './farm.ts';
import type { FarmOptions } from './farm.ts';
import { FAULT_KINDS } from './faults.ts';
import type { FaultKind } from './faults.ts';
import { TRANSPORTS } from './transport.ts';

const FAMILIES = [...new Set(ALL_MODELS.map(({ family }) => family))].toSorted();

interface Flags {
  range: string;
  miners: number;
  seed: number;
  faults: 'none' | 'typical' | FaultKind[];
  strangers?: number;
  models?: NonNullable<FarmOptions['models']>;
  behaviour: Extract<FarmOptions['behaviour'], string>;
  latency: 'none' | 'real';
  httpPort: number;
}

function count(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0) {
    throw new InvalidArgumentError('a whole number, 0 or more, is wanted');
  }
  return value;
}

function faults(text: string): Flags['faults'] {
  if (text === 'none' || text === 'typical') return text;
  const kinds = text.split(',');
  for (const kind of kinds) {
    if (!(FAULT_KINDS as readonly string[]).includes(kind)) {
      throw new InvalidArgumentError(
        `"${kind}" is no fault; none, typical, or some of: ${FAULT_KINDS.join(', ')}`,
      );
    }
  }
  return kinds as FaultKind[];
}

function models(text: string): NonNullable<Flags['models']> {
  const chosen = Object.hasOwn(MIXES, text)
    ? MIXES[text as keyof typeof MIXES]
    : onlyFamilies(text.split(','));
  if (chosen === null) {
    throw new InvalidArgumentError(
      `"${text}" is no mix and no list of families; ${Object.keys(MIXES).join(', ')}, or some of: ${FAMILIES.join(', ')}`,
    );
  }
  return chosen;
}

const program = new Command('simulator')
  .description(
    'Miners that speak the real protocols on loopback addresses (ports 4028, 80, and their own: 4111, 4433, 5000, 8080, 8359, 50051).\n' +
      'Prints one JSON line on stdout when they listen, notes on stderr, and ends on SIGTERM or Ctrl-C.',
  )
  .option('--range <cidr>', 'where they live, inside 127.0.0.0/8', '127.20.0.0/24')
  .option('--miners <count>', 'how many', count, 60)
  .option('--seed <number>', 'same seed, same farm: identities, values, faults', count, 1)
  .option(
    '--faults <kinds>',
    `none, typical, or a list of: ${FAULT_KINDS.join(', ')}`,
    faults,
    'none' as const,
  )
  .option(
    '--strangers <count>',
    'devices that are no miners (default: 2 with typical faults)',
    count,
  )
  .option(
    '--models <which>',
    'usual (the default): one of each common model, then the mix of a grown farm; all: one of each there is; mixed: usual, but each fifth read over HTTP; or a list of families',
    models,
  )
  .addOption(
    new Option('--behaviour <how>', 'how replies travel')
      .choices(['plain', 'mixed', ...Object.keys(TRANSPORTS)])
      .default('plain'),
  )
  .addOption(
    new Option('--latency <how>', 'none: at once; real: as slow as control boards are')
      .choices(['none', 'real'])
      .default('none'),
  )
  .option('--http-port <port>', 'port of the web interfaces', count, 80)
  .addHelpText(
    'after',
    `
Examples:
  node simulator/main.ts                                        60 healthy miners on 127.20.0.1 and up
  node simulator/main.ts --faults typical --latency real        a farm as farms are
  node simulator/main.ts --miners 5000 --range 127.20.0.0/16    for measuring
  node simulator/main.ts --miners 50 --models all               one of each model there is
  node simulator/main.ts --miners 4 --models bitaxe,epic        only of these families
  node simulator/main.ts --miners 3 --faults fan,pool --seed 7  two kinds of fault only
  echo '{"command":"summary"}' | nc -N 127.20.0.1 4028          ask one`,
  );

const flags = program.parse().opts<Flags>();
const note = (line: string): boolean => process.stderr.write(`${line}\n`);

try {
  const farm = await startFarm({ ...flags, log: note });
  process.stdout.write(
    `${JSON.stringify({
      event: 'ready',
      miners: farm.miners.map(({ ip, port, family, make, model, mac, identifiable }) => ({
        ip,
        port,
        family,
        make,
        model,
        mac,
        identifiable,
      })),
    })}\n`,
  );
  note(`${farm.miners.length} devices listen in ${flags.range}`);
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => {
      farm.close().then(
        () => note('closed'),
        (error: unknown) => {
          note(`closing failed: ${String(error)}`);
          process.exitCode = 1;
        },
      );
    });
  }
} catch (error) {
  note(error instanceof Error ? `simulator: ${error.message}` : String(error));
  process.exitCode = 1;
}

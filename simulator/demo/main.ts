import { Command, InvalidArgumentError } from 'commander';
import { languageOf } from '#contract/language.ts';
import { PortTakenError } from '../services/ports.ts';
import { checkDemo, hasPassed } from './check.ts';
import { startDemo, unlessBroken } from './demo.ts';
import { DemoRunningError, demoFolder, removeFolder, temporaryFolder } from './own-folder.ts';
import { openStored } from './stored.ts';
import { wordsIn } from './words.ts';

const DEFAULT_PORT = 8000;
const words = wordsIn(languageOf(process.env));
const startedAt = Date.now();
const release = new AsyncDisposableStack();

const tell = (text: string): void => void process.stderr.write(`${text}\n`);
/** A step that is done, and when. */
const step = (line: string): void => {
  const seconds = ((Date.now() - startedAt) / 1000).toFixed(1).padStart(5);
  tell(`  ${seconds} s  ${line}`);
};

const program = new Command('npm run demo --')
  .description('Runs the whole system with two simulated sites on this machine; needs no Docker.')
  .option('--port <number>', 'port of the server', portNumber, DEFAULT_PORT)
  .option('--check', 'prove that everything arrives, print one JSON line, and stop')
  .parse();
const { port, check } = program.opts<{ port: number; check?: boolean }>();

function portNumber(text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value > 0 && value < 65_536) return value;
  throw new InvalidArgumentError('expected 1 to 65535');
}

let ending: Promise<never> | null = null;
/** Ends everything, also what is only half started, and then us. The first reason counts. */
function end(code: number): Promise<never> {
  ending ??= release.disposeAsync().then(() => process.exit(code));
  return ending;
}

let running = false;
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(signal, () => {
    tell(`\n${words.stopping}`);
    void end(running ? 0 : 130).finally(() => process.exit(1));
  });
}

try {
  await (check === true ? proveDemo() : showDemo());
} catch (error) {
  // A start that was interrupted fails too, but nobody asked why.
  if (ending === null) tell(`\n${words.failed}\n${explain(error)}`);
  await end(1);
}

function explain(error: unknown): string {
  if (error instanceof DemoRunningError) return words.alreadyRunning(error.pid);
  if (error instanceof PortTakenError) return words.portTaken(port);
  return error instanceof Error ? error.message : String(error);
}

async function proveDemo(): Promise<void> {
  const dir = await temporaryFolder();
  release.defer(() => removeFolder(dir));
  // Other loopback addresses than a demo that may be running beside this.
  const thirdOctet = 10 + 2 * (process.pid % 120);
  const demo = await startDemo({ dir, thirdOctet, words, say: step, release });
  const result = await checkDemo(demo, startedAt, step);
  process.stdout.write(`${JSON.stringify(result)}\n`);
  await end(hasPassed(result) ? 0 : 1);
}

async function showDemo(): Promise<void> {
  const dir = await demoFolder();
  release.defer(async () => {
    await removeFolder(dir);
    tell(words.stopped);
  });
  tell(words.starting);
  const demo = await startDemo({ dir, port, thirdOctet: 0, words, say: step, release });
  const stored = openStored(demo.environment, demo.sites);
  release.defer(() => stored.close());

  let live = 0;
  while (live === 0) {
    await unlessBroken(demo.broken);
    live = await stored.liveMiners(demo.liveSince);
  }
  step(words.live(live));
  running = true;
  tell(words.screen(demo.url, demo.password, dir));

  while (demo.acknowledged() < demo.historySamples) await unlessBroken(demo.broken);
  step(words.backlog(demo.acknowledged()));
  throw new Error(await demo.broken);
}

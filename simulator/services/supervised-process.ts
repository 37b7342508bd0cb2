import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';
import { createInterface } from 'node:readline';

export interface SupervisedOptions {
  command: string;
  args: readonly string[];
  cwd: string;
  /** The whole environment; nothing is inherited. */
  env: Record<string, string | undefined>;
  /** Its output goes to the end of this file. */
  logFile: string;
  /** Signal that asks it to end in order. */
  stopSignal: 'INT' | 'TERM';
  /** Run as this user and group; needs root. */
  uid?: number | undefined;
  /** Called for each line of its standard output (which still reaches the log file). */
  onLine?: (line: string) => void;
}

export interface SupervisedProcess {
  /** Resolves with its exit code once it has ended, whoever ended it. */
  exited: Promise<number>;
  hasExited: () => boolean;
  /** The end of its log, for error messages. */
  logTail: () => string;
  /** Ends it in order, by force after 15 s. Safe to call twice. */
  stop: () => Promise<void>;
  /** As a power cut would. */
  kill: () => Promise<void>;
  /** Its process number; null once it has ended. Linux only. */
  pid: () => number | null;
  /** Sends it a signal it is expected to survive, "STOP" and "CONT" among them. */
  signal: (name: 'STOP' | 'CONT' | 'USR2') => void;
}

/**
 * The child's parent is a shell that holds the read end of a pipe from us. Should we die in any way, SIGKILL
 * included, the pipe ends, and the shell ends the child: nothing outlives the process that started it.
 */
const KEEPER = `
exec 3<&0
signal=$1; shift
"$@" </dev/null 3<&- & child=$!
exec 2>/dev/null
{
  word=stop
  while read -r word <&3; do
    [ "$word" = KILL ] && break
    kill -s "$word" $child
    word=stop
  done
  if [ "$word" != KILL ]; then
    kill -s "$signal" $child
    tries=0
    while [ $tries -lt 15 ] && kill -0 $child; do sleep 1; tries=$((tries + 1)); done
  fi
  kill -s KILL $child
} >/dev/null & watcher=$!
exec 3<&-
wait $child; code=$?
kill $watcher
exit $code
`;

/** Starts a program that ends with us. Resolves as soon as it runs; throws when it cannot be started. */
export async function startSupervised(options: SupervisedOptions): Promise<SupervisedProcess> {
  const log = openSync(options.logFile, 'a');
  const { onLine } = options;
  const child = spawn(
    '/bin/sh',
    ['-c', KEEPER, 'sh', options.stopSignal, options.command, ...options.args],
    {
      cwd: options.cwd,
      env: options.env,
      // Own process group: Ctrl-C reaches us alone, and we stop what we started in order.
      detached: true,
      stdio: ['pipe', onLine ? 'pipe' : log, log],
      ...(options.uid === undefined ? {} : { uid: options.uid, gid: options.uid }),
    },
  );

  let ended = false;
  const exited = new Promise<number>((resolve) => {
    child.once('close', (code) => {
      ended = true;
      closeSync(log);
      resolve(code ?? 128);
    });
  });
  // The keeper is gone before we closed the pipe: nothing to do, `exited` says so.
  child.stdin?.on('error', () => undefined);
  if (onLine && child.stdout) {
    createInterface({ input: child.stdout }).on('line', (line) => {
      writeSync(log, `${line}\n`);
      onLine(line);
    });
  }

  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', reject);
  });
  return {
    exited,
    hasExited: () => ended,
    logTail: () =>
      readFileSync(options.logFile, 'utf8').trimEnd().split('\n').slice(-15).join('\n'),
    async stop() {
      child.stdin?.end();
      await exited;
    },
    async kill() {
      // The keeper, its parent, must see it dead: an unreaped process still counts as running.
      if (!ended) child.stdin?.end('KILL\n');
      await exited;
    },
    pid() {
      if (ended) return null;
      // The program is the keeper's first child; the second watches the pipe.
      const children = readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8');
      return Number(children.split(' ')[0]) || null;
    },
    signal(name) {
      if (!ended) child.stdin?.write(`${name}\n`);
    },
  };
}

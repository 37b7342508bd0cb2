#!/usr/bin/env node
import { CommanderError } from 'commander';
import { languageOf } from '#contract/language.ts';
import { CommandError, type Terminal } from './commands/command.ts';
import { makeProgram } from './commands/program.ts';
import { messagesIn } from './messages.ts';

const terminal: Terminal = {
  env: process.env,
  say: messagesIn(languageOf(process.env)),
  stdin: process.stdin,
  out: (line) => void process.stdout.write(`${line}\n`),
  err: (line) => void process.stderr.write(`${line}\n`),
};

// 0: done · 1: it did not work, and a sentence says why · 2: the command line is wrong.
try {
  process.exitCode = await makeProgram(terminal).run(process.argv.slice(2));
} catch (error) {
  if (error instanceof CommandError) {
    terminal.err(error.message);
    process.exitCode = 1;
  } else if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? 0 : 2;
  } else {
    throw error;
  }
}

#!/usr/bin/env -S node --max-semi-space-size=16
import { languageOf } from '#contract/language.ts';
import type { Terminal } from './commands/command.ts';
import { runProgram } from './commands/program.ts';
import { messagesIn } from './messages.ts';

const terminal: Terminal = {
  env: process.env,
  say: messagesIn(languageOf(process.env)),
  stdin: process.stdin,
  out: (line) => void process.stdout.write(`${line}\n`),
  err: (line) => void process.stderr.write(`${line}\n`),
};

process.exitCode = await runProgram(terminal, process.argv.slice(2));

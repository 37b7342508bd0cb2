import { readFileSync } from 'node:fs';

/** Sockets of the stages that run beside a sweep (identification, polling), queue files, pipes. */
const RESERVED = 520;
const MOST_SOCKETS = 1024;
const LEAST_SOCKETS = 32;

/** How many sockets a sweep may hold open at once: below this process's limit of open files. */
export function sweepSockets(limits: string = readLimits()): number {
  const soft = /^Max open files\s+(\d+|unlimited)/m.exec(limits)?.[1];
  if (soft === undefined || soft === 'unlimited') return MOST_SOCKETS;
  return Math.min(MOST_SOCKETS, Math.max(LEAST_SOCKETS, Number(soft) - RESERVED));
}

function readLimits(): string {
  try {
    return readFileSync('/proc/self/limits', 'utf8');
  } catch {
    // Not Linux: the smallest limit in common use.
    return 'Max open files 1024';
  }
}

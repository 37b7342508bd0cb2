import type { Lane } from '../../../contract/sync.ts';

interface Sent {
  /** Of the poll, epoch seconds. */
  second: number;
  lane: Lane;
  /** Epoch ms. */
  atMs: number;
}

/** What one site says of its polls and requests, for rows that measure. */
export class SiteLog {
  /** Begun. */
  readonly polls: { second: number; atMs: number }[] = [];
  readonly sent: Sent[] = [];
  /** With the pause until the next of the backlog that the server asked for. */
  readonly stored: (Sent & { paceMs: number })[] = [];

  note(line: string): void {
    const [kind, second, ...rest] = line.split(' ');
    if (kind === 'C') {
      this.polls.push({ second: Number(second), atMs: Number(rest[0]) });
    } else if (kind === 'S' || kind === 'A') {
      const [lane, atMs, paceMs] = rest;
      const sent = { second: Number(second), lane: lane as Lane, atMs: Number(atMs) };
      if (kind === 'S') this.sent.push(sent);
      else this.stored.push({ ...sent, paceMs: Number(paceMs) });
    }
  }
}

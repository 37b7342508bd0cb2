import type { Exchange } from '../miner.ts';

/** A host that answered and was not understood. */
export interface UnknownDevice {
  host: string;
  openPorts: number[];
  exchanges: Exchange[];
}

const MOST_HEARD = 255;

/** Something failed or timed out: a slow or busy device deserves a second look, a printer does not. */
export function wasCutShort({ exchanges }: UnknownDevice): boolean {
  return exchanges.length === 0 || exchanges.some(({ error }) => error !== null);
}

/** The first thing the device said, on one line. */
export function heardFrom({ exchanges }: UnknownDevice): string | null {
  const spoke = exchanges.find(({ reply }) => reply !== null && reply !== '');
  if (!spoke) return exchanges.find(({ error }) => error !== null)?.error ?? null;
  // oxlint-disable-next-line no-control-regex -- a stranger may say anything
  const line = `${spoke.request}: ${spoke.reply}`.replaceAll(/[\u0000-\u001f\u007f]+/g, ' ');
  // A cut may leave half a character, which the server's database refuses.
  return line.slice(0, MOST_HEARD).toWellFormed();
}

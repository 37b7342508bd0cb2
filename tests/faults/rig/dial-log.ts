/**
 * Loaded before an agent (`--import`): writes each address that the process tries to connect to, once, into the file
 * DIAL_LOG names.
 */
import { subscribe } from 'node:diagnostics_channel';
import { appendFileSync } from 'node:fs';
import type { Socket } from 'node:net';

const file = process.env['DIAL_LOG'] ?? '';
const seen = new Set<string>();

subscribe('net.client.socket', (message) => {
  const { socket } = message as { socket: Socket };
  socket.on('connectionAttempt', (address: string) => {
    if (seen.has(address)) return;
    seen.add(address);
    appendFileSync(file, `${address}\n`);
  });
});

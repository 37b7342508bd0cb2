import { once } from 'node:events';
import { createServer } from 'node:net';

/** The port cannot be had; the message says which and what to do. */
export class PortTakenError extends Error {
  override readonly name = 'PortTakenError';
}

async function probe(port: number): Promise<number> {
  const server = createServer().listen({ host: '127.0.0.1', port, exclusive: true });
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no TCP address');
  return address.port;
}

/** A port on 127.0.0.1 nobody listens on now. Somebody may be quicker: starts on it are retried. */
export function freePort(): Promise<number> {
  return probe(0);
}

/** Throws `PortTakenError` when somebody listens there: answers of a stranger must never be taken for ours. */
export async function refuseTakenPort(port: number): Promise<void> {
  try {
    await probe(port);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'EADDRINUSE' && code !== 'EACCES') throw error;
    throw new PortTakenError(
      `Port ${port} on 127.0.0.1 ${code === 'EACCES' ? 'needs root' : 'is taken'}: stop what uses it, or choose another port.`,
      { cause: error },
    );
  }
}

import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { link, open, rename, rm } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import type { Server } from 'node:net';
import { join } from 'node:path';
import { AgentFailure, EXIT } from '../failure.ts';

/**
 * Holds a folder for one process: a listening unix socket in it. The kernel lets go when the
 * process dies, whatever killed it, and two containers that share the folder see the same socket.
 * Throws AgentFailure when another process holds the folder.
 */
export async function ownFolder(dir: string): Promise<{ release(): Promise<void> }> {
  const name = 'owner.sock';
  const folder = await open(dir, constants.O_RDONLY);
  // sun_path holds 107 bytes and folders may be deeper; the short way leads through our own handle.
  const reach = (file: string): string =>
    process.platform === 'linux' ? `/proc/self/fd/${folder.fd}/${file}` : join(dir, file);
  const taken = new AgentFailure((say) => say.queueOwned(dir), EXIT.failed);
  try {
    let server = await listenOn(reach(name));
    if (server === null) {
      // Left behind by a kill, or alive. Take it away under a name of our own before asking: of two
      // starters only one gets it, and a live one is put back.
      const aside = `owner.${randomUUID().slice(0, 8)}`;
      await rename(join(dir, name), join(dir, aside)).catch(() => {
        throw taken;
      });
      if (await answers(reach(aside))) {
        await link(join(dir, aside), join(dir, name)).catch(() => undefined);
        await rm(join(dir, aside), { force: true });
        throw taken;
      }
      await rm(join(dir, aside), { force: true });
      server = await listenOn(reach(name));
      if (server === null) throw taken;
    }
    const held = server;
    return {
      async release() {
        await new Promise<void>((resolve) => {
          held.close(() => resolve());
        });
        await folder.close();
      },
    };
  } catch (error) {
    await folder.close();
    throw error;
  }
}

/** null: the name is in use. */
function listenOn(path: string): Promise<Server | null> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy());
    server.unref();
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') resolve(null);
      else reject(error);
    });
    server.listen({ path }, () => resolve(server));
  });
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ path });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { link, open, rename, rm } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import type { Server } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { AgentFailure, EXIT } from '../failure.ts';

const NAME = 'owner.sock';
const ANSWER_MS = 2000;

/** sun_path holds 107 bytes and folders may be deeper; the short way leads through our own handle. */
const reach = (dir: string, folder: FileHandle, file: string): string =>
  process.platform === 'linux' ? `/proc/self/fd/${folder.fd}/${file}` : join(dir, file);

/**
 * Holds a folder for one process: a listening unix socket in it. The kernel lets go when the
 * process dies, whatever killed it, and two containers that share the folder see the same socket.
 * Whoever connects is told `report()` in one line of JSON.
 * Throws AgentFailure when another process holds the folder, another error when no socket can be made.
 */
export async function ownFolder(
  dir: string,
  report: () => object = () => ({}),
): Promise<{ release(): Promise<void> }> {
  const folder = await open(dir, constants.O_RDONLY);
  const path = reach(dir, folder, NAME);
  const taken = new AgentFailure((say) => say.queueOwned(dir), EXIT.failed);
  try {
    let server = await listenOn(path, report);
    if (server === null) {
      // Left behind by a kill, or alive. Take it away under a name of our own before asking: of two
      // starters only one gets it, and a live one is put back.
      const aside = `owner.${randomUUID().slice(0, 8)}`;
      try {
        await rename(join(dir, NAME), join(dir, aside));
      } catch (error) {
        // Another starter was faster, or nothing can be renamed here.
        if ((error as NodeJS.ErrnoException).code === 'ENOENT' || (await answers(path)))
          throw taken;
        throw error;
      }
      if (await answers(reach(dir, folder, aside))) {
        await link(join(dir, aside), join(dir, NAME)).catch(() => undefined);
        await rm(join(dir, aside), { force: true });
        throw taken;
      }
      await rm(join(dir, aside), { force: true });
      server = await listenOn(path, report);
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

/** What the owner of a folder says of itself; null when nobody owns it, or does not answer. */
export async function askOwner(dir: string): Promise<unknown> {
  const folder = await open(dir, constants.O_RDONLY).catch(() => null);
  if (folder === null) return null;
  const socket = connect({ path: reach(dir, folder, NAME) });
  const limit = setTimeout(() => socket.destroy(new Error('no answer')), ANSWER_MS);
  try {
    return JSON.parse(await text(socket));
  } catch {
    return null;
  } finally {
    clearTimeout(limit);
    socket.destroy();
    await folder.close();
  }
}

/** null: the name is in use. */
function listenOn(path: string, report: () => object): Promise<Server | null> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => {
      // Another starter that only wanted to know whether somebody is here.
      socket.on('error', () => undefined);
      socket.end(`${JSON.stringify(report())}\n`);
    });
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

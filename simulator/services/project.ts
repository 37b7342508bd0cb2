import { join } from 'node:path';

/** The project's own folder: children are started from it, whatever folder we were started in. */
export const PROJECT = join(import.meta.dirname, '../..');

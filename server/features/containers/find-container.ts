import type { ISql } from 'postgres';
import { Failure } from '../../failures.ts';
import type { Eyes } from '../people/visibility.ts';
import { listContainers, type Container } from './store.ts';

/** One container. Throws Failure `not_found`, and `forbidden` to a client it is not granted to. */
export async function findContainer(sql: ISql, eyes: Eyes, id: number): Promise<Container> {
  const [container] = await listContainers(sql, eyes, id);
  if (container) return container;
  if (eyes === null || (await listContainers(sql, null, id)).length === 0) throw noContainer();
  throw new Failure('forbidden', 'Access denied to this container');
}

export function noContainer(): Failure {
  return new Failure('not_found', 'Container not found');
}

import type { ISql } from 'postgres';
import { Failure } from '../../failures.ts';
import type { Eyes } from '../people/visibility.ts';
import { listMiners, type MinerView } from './view.ts';

/** One miner. Throws Failure `not_found`, and `forbidden` to a client whose containers it is not in. */
export async function findMiner(sql: ISql, eyes: Eyes, id: number): Promise<MinerView> {
  const [miner] = await listMiners(sql, eyes, { id });
  if (miner) return miner;
  if (eyes === null || (await listMiners(sql, null, { id })).length === 0) throw noMiner();
  throw new Failure('forbidden', 'Access denied to this miner');
}

export function noMiner(): Failure {
  return new Failure('not_found', 'Miner not found');
}

import type { Sql } from 'postgres';
import { syncAnswer, type SyncAnswer, type SyncBody } from '#contract/sync.ts';
import { Failure } from '../../failures.ts';

type BatchName = NonNullable<SyncBody['batch']>;

/**
 * The answer a batch got when it was stored, now marked as a duplicate; null when it was not. Throws Failure
 * `seq_reused` when something else was stored under its name: a restored copy of an agent's machine, whose
 * samples would be taken for delivered.
 */
export async function findReceipt(
  sql: Sql,
  agentId: number,
  batch: BatchName,
  sha256: Buffer,
): Promise<SyncAnswer | null> {
  const [receipt] = await sql<{ sha256: Buffer; agentId: number; answer: unknown }[]>`
    UPDATE ingest_receipts SET deliveries = deliveries + 1
    WHERE queue_id = ${batch.queue} AND seq = ${batch.seq}
    RETURNING sha256, agent_id AS "agentId", answer`;
  if (!receipt) return null;
  if (receipt.agentId !== agentId || !sha256.equals(receipt.sha256)) {
    throw new Failure(
      'seq_reused',
      `batch: queue ${batch.queue} has already delivered another batch as ${batch.seq}; begin a new queue and send again`,
    );
  }
  return { ...syncAnswer.parse(receipt.answer), duplicate: true };
}

/** Records that every sample of a batch is stored or set aside. */
export async function writeReceipt(
  sql: Sql,
  agentId: number,
  sha256: Buffer,
  samples: number,
  answer: SyncAnswer,
): Promise<void> {
  const { queue, seq } = answer.batch;
  await sql`
    INSERT INTO ingest_receipts (queue_id, seq, sha256, agent_id, samples, answer)
    VALUES (${queue}, ${seq}, ${sha256}, ${agentId}, ${samples}, ${JSON.stringify(answer)}::text::jsonb)
    ON CONFLICT (queue_id, seq) DO NOTHING`;
}

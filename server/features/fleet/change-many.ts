import type { TransactionSql } from 'postgres';
import { Failure } from '../../failures.ts';
import { difference, recordMany, type Actor } from '../audit/record.ts';
import { noContainer } from '../containers/find-container.ts';
import { changeByHand } from '../miners/by-hand.ts';
import { siteOfContainer, UNASSIGNED } from '../miners/store.ts';

/** As many as a miner's form takes. */
export const MAX_TAGS = 100;

/** What is done to each of the miners; what is left out stays. */
export interface ManyChanges {
  add_tags: readonly string[];
  remove_tags: readonly string[];
  container_id?: number | null;
  /** TH/s. */
  expected_ths?: number | null;
}

interface Row {
  id: number;
  name: string;
  scope: string;
  site_id: number | null;
  tags: string[];
  container_id: number | null;
  expected_ths: number | null;
}

/**
 * Changes the miners that are there and differ; returns how many. Each has its entry in the audit log.
 * Throws Failure `not_found` (the container) and `invalid_body` (a container of another site, too many tags).
 */
export async function changeMany(
  tx: TransactionSql,
  by: Actor,
  ids: readonly number[],
  changes: ManyChanges,
): Promise<number> {
  const rows = await tx<Row[]>`
    select id, name, scope, site_id, tags, container_id, expected_ths from miners
    where id = any(${ids as number[]}::int[]) order by id for update`;
  const { container_id: containerId } = changes;
  if (typeof containerId === 'number') await refuseOtherSite(tx, containerId, rows);

  const changed = rows.flatMap((row) => {
    const before = {
      tags: row.tags,
      container_id: row.container_id,
      expected_ths: row.expected_ths,
    };
    const after = {
      tags: tagsOf(row.tags, changes),
      container_id: containerId === undefined ? row.container_id : containerId,
      expected_ths: changes.expected_ths === undefined ? row.expected_ths : changes.expected_ths,
    };
    if (after.tags.length > MAX_TAGS) {
      throw new Failure(
        'invalid_body',
        `add_tags: ${row.name} would have more than ${MAX_TAGS} tags`,
      );
    }
    const differs = difference(before, after);
    return differs ? [{ row, after, differs }] : [];
  });

  // A miner entered by hand goes to the site of its container, which changes more than a column.
  const byHand = changed.filter(({ row }) => row.scope === UNASSIGNED);
  for (const { row, after } of byHand) await changeByHand(tx, by, row.id, after);
  const others = changed.filter(({ row }) => row.scope !== UNASSIGNED);
  if (others.length > 0) {
    const values = others.map(({ row, after }) => ({ id: row.id, ...after }));
    await tx`
      update miners set tags = x.tags, container_id = x.container_id, expected_ths = x.expected_ths
      from json_to_recordset(${JSON.stringify(values)}::text::json)
        as x (id int, tags text[], container_id int, expected_ths float8)
      where miners.id = x.id`;
    const entries = others.map(({ row, differs }) =>
      Object.assign(differs, { id: row.id, name: row.name }),
    );
    await recordMany(tx, by, 'miner.change', entries);
  }
  return changed.length;
}

/** Throws Failure: a miner stands at its agent's site, and so in a container of it or of none. */
export async function refuseOtherSite(
  tx: TransactionSql,
  containerId: number,
  miners: readonly { name: string; site_id: number | null }[],
): Promise<void> {
  const container = await siteOfContainer(tx, containerId);
  if (!container) throw noContainer();
  const siteId = container.site_id;
  const stranger = miners.find(
    (miner) => siteId !== null && miner.site_id !== null && miner.site_id !== siteId,
  );
  if (stranger) {
    throw new Failure(
      'invalid_body',
      `container_id: this container is at another site than ${stranger.name}; choose one of its site`,
    );
  }
}

function tagsOf(tags: readonly string[], { add_tags, remove_tags }: ManyChanges): string[] {
  return [...new Set([...tags.filter((tag) => !remove_tags.includes(tag)), ...add_tags])];
}

import type { Sql } from 'postgres';
import { CAST, SLEEPS_SINCE, type Role } from './cast.ts';
import type { Sample } from './samples.ts';

export interface Inventory {
  scopes: Record<Role['site'], string>;
  agents: Record<Role['agent'], number>;
  miners: Record<string, number>;
}

const HOSTS_ALLOWED = 'example.com';

/** The farm's rows as the server keeps them, the newest sample of each miner among them. */
export async function fillInventory(
  sql: Sql,
  samples: readonly Sample[],
  endS: number,
): Promise<Inventory> {
  const at = (minutesAgo: number) => new Date(endS * 1000 - minutesAgo * 60_000);
  const now = new Date();
  const sites = await sql<{ id: number }[]>`
    insert into sites ${sql([{ name: 'North' }, { name: 'East' }])} returning id`;
  const [north = 0, east = 0] = sites.map(({ id }) => id);
  const report = (backlog: number) =>
    sql.json({
      version: '0.1.0',
      boot: 'x',
      backlog: {
        batches: backlog,
        bytes: backlog * 1000,
        oldest: backlog > 0 ? at(90).toISOString() : null,
      },
      cycle: {
        at: now.toISOString(),
        duration_ms: 30_000,
        miners: 7,
        reachable: 6,
        interval_s: 60,
      },
      clock_error_ms: 120,
    });
  const agents: Record<string, number> = {};
  for (const agent of [
    { name: 'north', site_id: north, last_seen_at: now, report: report(0) },
    { name: 'east', site_id: east, last_seen_at: now, report: report(90) },
    { name: 'sleeper', site_id: east, last_seen_at: at(SLEEPS_SINCE), report: report(0) },
    { name: 'south', site_id: null, last_seen_at: now, report: null },
  ]) {
    const [row] = await sql<{ id: number }[]>`insert into agents ${sql(agent)} returning id`;
    agents[agent.name] = row?.id ?? 0;
  }
  const scopes = {
    North: `site-${north}`,
    East: `site-${east}`,
    South: `agent-${agents['south']}`,
  };
  await sql`insert into containers ${sql([
    { name: 'C1', site_id: north, places: 10, capacity_w: 40_000 },
    { name: 'C2', site_id: north, places: null, capacity_w: null },
  ])}`;
  await sql`insert into pools ${sql([{ name: HOSTS_ALLOWED }, { name: 'Our own pool' }])}`;
  const miners: Record<string, number> = {};
  for (const [index, role] of CAST.entries()) {
    miners[role.name] = await addMiner(sql, role, index, {
      scopes,
      agents,
      at,
      samples,
      siteId: { North: north, East: east, South: null }[role.site],
    });
  }
  await sql`insert into ingest_gaps (agent_id, gap_id, from_at, to_at, batches, samples, reason, at)
    values (${agents['east'] ?? 0}, 'g1', ${at(300)}, ${at(200)}, 10, 30, 'bytes', ${at(100)})`;
  await sql`insert into ingest_receipts ${sql(
    Array.from({ length: 120 }, (_, minute) => ({
      queue_id: '00000000-0000-4000-8000-000000000001',
      seq: minute,
      sha256: Buffer.alloc(32),
      agent_id: agents['north'] ?? 0,
      samples: 6,
      answer: sql.json({}),
      first_at: at(minute),
    })),
  )}`;
  return { scopes, agents, miners };
}

interface Where {
  scopes: Inventory['scopes'];
  agents: Record<string, number>;
  at: (minutesAgo: number) => Date;
  samples: readonly Sample[];
  siteId: number | null;
}

async function addMiner(
  sql: Sql,
  role: Role,
  index: number,
  { scopes, agents, at, samples, siteId }: Where,
): Promise<number> {
  const scope = scopes[role.site];
  const mine = samples.filter((sample) => sample.role === role);
  const last = mine.at(-1);
  const lastAnswer = mine.findLast(({ fields }) => fields['up'] === 1);
  if (!last || !lastAnswer) throw new Error(`${role.name} never answered`);
  const [row] = await sql<{ id: number }[]>`
    insert into miners ${sql({
      scope,
      site_id: siteId,
      agent_id: agents[role.agent] ?? null,
      name: role.name,
      ip_address: `10.0.0.${index + 1}`,
      port: 4028,
      manufacturer: role.manufacturer,
      model: role.model,
      algorithm: role.algorithm,
      firmware: role.firmware,
      firmware_version: '2024',
      seen_at: at(600),
      created_at: at(60 * 24 * 200),
    })} returning id`;
  const id = row?.id ?? 0;
  if (role.container !== null) {
    await sql`update miners set container_id = (select id from containers where name = ${role.container}) where id = ${id}`;
  }
  for (const [nth, key] of role.keys.entries()) {
    const first = nth === 0 && role.keys.length > 1 ? at(23 * 60) : at(60 * 24 * 200);
    await sql`insert into miner_keys (scope, key, miner_id, first_at) values (${scope}, ${key}, ${id}, ${first})`;
  }
  const value = (name: string) => last.fields[name] ?? null;
  await sql`insert into miner_latest ${sql({
    miner_id: id,
    at: new Date(last.timeS * 1000),
    answered_at: new Date(lastAnswer.timeS * 1000),
    reachable: last.fields['up'] === 1,
    reason: last.fields['up'] === 1 ? null : 'timeout',
    hashrate_ths: value('hashrate_ths'),
    expected_ths: lastAnswer.fields['expected_ths'] ?? null,
    power_w: value('power_w'),
    temp_c: value('temp_c'),
    temp_chip_c: value('temp_chip_c'),
    fan_rpm: value('fan_rpm'),
    accepted: value('accepted'),
    rejected: value('rejected'),
    uptime_s: value('uptime_s'),
    mining: last.fields['up'] === 1 ? role.mining !== false : null,
    detail: sql.json(detailOf(role, lastAnswer.fields)),
  })}`;
  return id;
}

function detailOf(role: Role, fields: Sample['fields']) {
  return {
    boards: Array.from({ length: role.boards }, (_, slot) => ({
      slot,
      hash_rate: role.hashrateThs / role.boards,
      temp_chip: role.chipC,
      chips: 126,
      chips_good: 126 - (slot === 0 ? (role.chipsMissing ?? 0) : 0),
      chips_expected: 126,
    })),
    fans: role.fans === null ? null : [...role.fans],
    hw_errors: fields['hw_errors'] ?? 0,
    pools: [
      {
        url: role.pool,
        user: `farm.${role.name}`,
        priority: 0,
        active: true,
        alive: role.poolAlive ?? true,
        accepted: fields['accepted'] ?? 0,
        rejected: fields['rejected'] ?? 0,
        stale: 0,
      },
    ],
    ...(role.error === undefined
      ? {}
      : { miner_errors: [{ code: 'E1', text: role.error, severity: 'warning' }] }),
  };
}

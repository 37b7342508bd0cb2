import type { Sql } from 'postgres';

/** Two hours of five miners, one sample a minute, ending at `end` (a whole five minutes in UTC). */
export interface SmallFarm {
  from: Date;
  end: Date;
  lines: string[];
  ids: Record<MinerName, number>;
}
export type MinerName = 'steady' | 'degraded' | 'gone' | 'idle' | 'silent';

const MINUTES = 120;

/** Rows as the server keeps them. `gone` answers for the first hour only; `silent` has an agent that is silent. */
export async function smallFarm(sql: Sql, now: Date): Promise<SmallFarm> {
  const end = new Date(Math.floor(now.getTime() / 300_000) * 300_000);
  const [north] = await sql<
    { id: number }[]
  >`insert into sites (name) values ('North') returning id`;
  const agent = async (name: string, siteId: number | null, seen: Date) => {
    const [row] = await sql<{ id: number }[]>`
      insert into agents (name, site_id, last_seen_at) values (${name}, ${siteId}, ${seen}) returning id`;
    return row?.id ?? 0;
  };
  const siteId = north?.id ?? 0;
  const northAgent = await agent('north', siteId, now);
  const southAgent = await agent('South', null, now);
  const silentAgent = await agent('sleeper', siteId, new Date(now.getTime() - 3_600_000));
  const site = `site-${siteId}`;
  const south = `agent-${southAgent}`;

  const add = async (
    name: MinerName,
    owner: { scope: string; agentId: number },
    keys: string[],
    latest: Record<string, unknown>,
  ) => {
    const [row] = await sql<{ id: number }[]>`
      insert into miners (scope, site_id, agent_id, name, ip_address, port, manufacturer, model, seen_at)
      values (${owner.scope}, ${owner.scope === site ? siteId : null}, ${owner.agentId}, ${name}, '10.0.0.7', 4028,
              'AntMiner', 'S19', ${now}) returning id`;
    const id = row?.id ?? 0;
    for (const key of keys) {
      await sql`insert into miner_keys (scope, key, miner_id) values (${owner.scope}, ${key}, ${id})`;
    }
    await sql`insert into miner_latest ${sql({ miner_id: id, at: end, reachable: true, ...latest })}`;
    return id;
  };
  const atNorth = { scope: site, agentId: northAgent };
  const ids = {
    steady: await add('steady', atNorth, ['02aabbccdd01'], {
      hashrate_ths: 100,
      expected_ths: 100,
      power_w: 3000,
      temp_c: 75,
      temp_chip_c: 75,
      fan_rpm: 5000,
      uptime_s: 90_000,
      mining: true,
      answered_at: end,
      detail: sql.json({
        boards: [0, 1, 2].map((slot) => ({
          slot,
          hash_rate: 33,
          temp_chip: 70 + slot,
          chips: 126,
        })),
        pools: [{ url: 'stratum+tcp://pool.example:3333', user: 'worker.001', active: true }],
      }),
    }),
    degraded: await add('degraded', atNorth, ['ip-10-0-0-7-4028', '02aabbccdd02'], {
      hashrate_ths: 80,
      expected_ths: 100,
      temp_chip_c: 95,
      mining: true,
    }),
    gone: await add('gone', atNorth, ['02aabbccdd03'], {
      reachable: false,
      reason: 'timeout',
      expected_ths: 110,
    }),
    idle: await add('idle', { scope: south, agentId: southAgent }, ['02aabbccdd04'], {
      hashrate_ths: 0,
      expected_ths: 100,
      mining: false,
    }),
    silent: await add('silent', { scope: site, agentId: silentAgent }, ['02aabbccdd05'], {
      at: new Date(now.getTime() - 3_600_000),
      hashrate_ths: 100,
      expected_ths: 100,
    }),
  };

  const lines: string[] = [];
  for (let minute = 0; minute <= MINUTES; minute += 1) {
    const seconds = end.getTime() / 1000 - (MINUTES - minute) * 60;
    const write = (scope: string, key: string, fields: string, measurement = 'miner', tags = '') =>
      lines.push(
        `${measurement},site=${scope},miner=${key},model=antminer-s19${tags} ${fields} ${seconds}`,
      );
    write(
      site,
      '02aabbccdd01',
      `up=1,mining=1,hashrate_ths=100,hashrate_avg_ths=99,expected_ths=100,power_w=3000,power_limit_w=3200,` +
        `temp_c=75,temp_chip_c=75,temp_board_c=65,temp_env_c=25,fan1_rpm=5000,fan2_rpm=5100,fan3_rpm=5200,fan4_rpm=0,` +
        `accepted=${minute * 10},rejected=${minute},stale=0,hw_errors=${minute * 2},uptime_s=${1000 + minute * 60}`,
    );
    if (minute % 5 === 0) {
      for (const slot of [0, 1, 2]) {
        const fields = `hashrate_ths=33,temp_chip_c=${70 + slot},temp_board_c=${60 + slot}`;
        write(site, '02aabbccdd01', fields, 'board', `,board=${slot}`);
      }
    }
    // Its MAC became known after an hour, its program was restarted half an hour later.
    write(
      site,
      minute < 60 ? 'ip-10-0-0-7-4028' : '02aabbccdd02',
      // Nor did it say before what it should do.
      `up=1,mining=1,hashrate_ths=80${minute < 60 ? '' : ',expected_ths=100'},temp_chip_c=95,accepted=${minute * 5},` +
        `uptime_s=${minute < 90 ? 5000 + minute * 60 : (minute - 90) * 60}`,
    );
    const alive = 'up=1,mining=1,hashrate_ths=100,expected_ths=110,power_w=3300,temp_chip_c=70';
    write(site, '02aabbccdd03', minute < 60 ? alive : 'up=0');
    write(south, '02aabbccdd04', 'up=1,mining=0,hashrate_ths=0,expected_ths=100');
  }
  return { from: new Date(end.getTime() - MINUTES * 60_000), end, lines, ids };
}

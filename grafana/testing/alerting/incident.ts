import type { Sql } from 'postgres';

/** What a miner would answer in a minute. */
// A type, not an interface: those are no JSON to the compiler.
export type Answer = {
  answers: boolean;
  percent: number;
  chipC: number;
  fans: number[];
  boards: number;
  pool: string;
  mining: boolean;
};

const WELL: Answer = {
  answers: true,
  percent: 100,
  chipC: 70,
  fans: [5000, 5100],
  boards: 3,
  pool: 'stratum+tcp://btc.example.com:3333',
  mining: true,
};

/** Minutes from the slot to where Grafana sees it. */
const ON_ITS_WAY = 0.1;

/** A farm that happens: two sites with an agent each, told minute by minute. */
export interface Story {
  /** Site → its miners. */
  sites: Readonly<Record<string, readonly string[]>>;
  miner(name: string, minute: number): Partial<Answer>;
  agentSpeaks(site: string, minute: number): boolean;
}

export interface Stage {
  scopes: Record<string, string>;
  agents: Record<string, number>;
  /** Makes the rows be as they are in that minute, which is the present one. */
  play(minute: number): Promise<void>;
}

export async function stage(sql: Sql, story: Story): Promise<Stage> {
  const scopes: Record<string, string> = {};
  const agents: Record<string, number> = {};
  const ids: Record<string, number> = {};
  for (const [site, names] of Object.entries(story.sites)) {
    const [row] = await sql<
      { id: number }[]
    >`insert into sites (name) values (${site}) returning id`;
    const siteId = row?.id ?? 0;
    const scope = `site-${siteId}`;
    const [agent] = await sql<{ id: number }[]>`
      insert into agents (name, site_id, last_seen_at) values (${`agent of ${site}`}, ${siteId}, now()) returning id`;
    const agentId = agent?.id ?? 0;
    scopes[site] = scope;
    agents[site] = agentId;
    for (const [index, name] of names.entries()) {
      const [miner] = await sql<{ id: number }[]>`
        insert into miners ${sql({
          scope,
          site_id: siteId,
          agent_id: agentId,
          name,
          ip_address: `10.0.0.${index + 1}`,
          port: 4028,
          manufacturer: 'AntMiner',
          model: 'S19',
          algorithm: 'sha256',
          seen_at: new Date(),
          created_at: new Date(Date.now() - 86_400_000),
        })} returning id`;
      ids[name] = miner?.id ?? 0;
      await sql`insert into miner_latest (miner_id, at, reachable) values (${ids[name]}, now(), true)`;
    }
  }
  await sql`insert into pools (name) values ('example.com')`;

  const heard: Record<string, number> = {};
  const answered: Record<string, number> = {};
  return {
    scopes,
    agents,
    async play(minute) {
      for (const [site, names] of Object.entries(story.sites)) {
        if (story.agentSpeaks(site, minute)) heard[site] = minute;
        const last = heard[site] ?? minute;
        await sql`update agents set last_seen_at = now() - ${minute - last + ON_ITS_WAY} * interval '1 minute' where id = ${agents[site] ?? 0}`;
        const rows = names.map((name) => {
          const answer = Object.assign({}, WELL, story.miner(name, last));
          if (answer.answers) answered[name] = last;
          return Object.assign(answer, {
            id: ids[name] ?? 0,
            age: minute - last + ON_ITS_WAY,
            answered_age: minute - (answered[name] ?? minute) + ON_ITS_WAY,
            chip: answer.chipC,
          });
        });
        await sql`
          update miner_latest l set
            at = now() - r.age * interval '1 minute', answered_at = now() - r.answered_age * interval '1 minute',
            reachable = r.answers, reason = case when not r.answers then 'timeout' end, mining = case when r.answers then r.mining end,
            hashrate_ths = case when r.answers then r.percent end, expected_ths = 100, temp_chip_c = case when r.answers then r.chip end,
            detail = jsonb_build_object('fans', r.fans, 'boards', (
              select jsonb_agg(jsonb_build_object('slot', slot, 'hash_rate', r.percent / 3)) from generate_series(0, r.boards - 1) slot
            ), 'pools', jsonb_build_array(jsonb_build_object('url', r.pool, 'user', 'farm.x', 'active', true, 'alive', true)))
          from jsonb_to_recordset(${sql.json(rows)})
            as r(id int, age float8, answered_age float8, answers boolean, percent float8, chip float8, fans jsonb, boards int, pool text, mining boolean)
          where l.miner_id = r.id`;
      }
    },
  };
}

import postgres from 'postgres';
import type { FarmMiner } from '../farm.ts';
import { askInflux } from '../services/influxql.ts';
import type { ServerEnvironment } from '../services/server-process.ts';
import type { DemoSite } from './demo.ts';

const RAW = 'hashyard';

/** What the two databases hold of the demo, asked of them directly. */
export interface Stored {
  /** Identifiable miners of all sites. */
  miners(): number;
  /** Of these, the ones without a row with their make and model, or without samples (live ones if they answer now). */
  missing(liveSince: Date): Promise<string[]>;
  /** Miners with a sample since then. */
  liveMiners(since: Date): Promise<number>;
  samples(): Promise<number>;
  /** Samples kept aside with a reason. */
  quarantined(): Promise<number>;
  /** Points of one miner at one instant beyond the first. */
  duplicates(): Promise<number>;
  close(): Promise<void>;
}

interface MinerRow {
  scope: string;
  mac: string | null;
  ip: string;
  manufacturer: string | null;
  model: string | null;
  keys: string[];
}

export function openStored(environment: ServerEnvironment, sites: readonly DemoSite[]): Stored {
  const sql = postgres(environment.DATABASE_URL, { max: 1 });
  const influx = (query: string) =>
    askInflux(
      {
        url: environment.INFLUX_URL,
        user: environment.INFLUX_USER,
        password: environment.INFLUX_PASSWORD,
      },
      RAW,
      query,
    );

  const rows = () => sql<MinerRow[]>`
    select m.scope, m.mac, host(m.ip_address) as ip, m.manufacturer, m.model,
      array(select key from miner_keys k where k.miner_id = m.id) as keys
    from miners m`;

  /** Series of the tag `miner` with their number of points. */
  async function counts(where: string): Promise<Map<string, number>> {
    const series = await influx(
      `SELECT count("up") FROM "miner" ${where} GROUP BY "site", "miner"`,
    );
    return new Map(
      series.map(({ tags, values }) => [
        `${tags['site']} ${tags['miner']}`,
        Number(values[0]?.[1]),
      ]),
    );
  }

  const identifiable = sites.flatMap(({ id, farm }) =>
    farm.miners
      .filter((miner) => miner.identifiable)
      .map((miner) => ({ scope: `site-${id}`, miner })),
  );

  return {
    miners: () => identifiable.length,
    async missing(liveSince) {
      const found = await rows();
      const all = await counts('');
      const live = await counts(`WHERE time >= '${liveSince.toISOString()}'`);
      const now = new Date();
      return identifiable
        .filter(({ scope, miner }) => {
          const row = found.find((each) => each.scope === scope && isSame(each, miner));
          const wanted = miner.at(now).reachable ? live : all;
          return !row?.keys.some((key) => (wanted.get(`${scope} ${key}`) ?? 0) > 0);
        })
        .map(({ scope, miner }) => `${scope} ${miner.ip} ${miner.make} ${miner.model}`);
    },
    async liveMiners(since) {
      return (await counts(`WHERE time >= '${since.toISOString()}'`)).size;
    },
    async samples() {
      return [...(await counts('')).values()].reduce((sum, count) => sum + count, 0);
    },
    async quarantined() {
      const [row] = await sql<
        { count: number }[]
      >`select count(*)::int as count from ingest_quarantine`;
      return row?.count ?? 0;
    },
    async duplicates() {
      let duplicates = 0;
      for (const { scope, keys } of await rows()) {
        const any = keys.map((key) => `"miner" = '${key}'`).join(' OR ');
        if (any === '') continue;
        const series = await influx(
          `SELECT "up" FROM "miner" WHERE "site" = '${scope}' AND (${any}) GROUP BY *`,
        );
        const instants = series.flatMap(({ values }) => values.map(([time]) => time));
        duplicates += instants.length - new Set(instants).size;
      }
      return duplicates;
    },
    async close() {
      await sql.end();
    },
  };
}

function isSame(row: MinerRow, miner: FarmMiner): boolean {
  const same = row.mac === null ? row.ip === miner.ip : row.mac === miner.mac;
  return same && row.manufacturer === miner.make && row.model === miner.model;
}

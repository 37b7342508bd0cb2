import postgres, { type Sql } from 'postgres';
import { askInflux } from '../../../simulator/services/influxql.ts';
import { macOf, minerOf, truthOf } from '../rig/truth.ts';
import type { OracleSite } from './client.ts';
import { heldIn } from './held.ts';
import type { Ledger } from './ledger.ts';
import type { Verdict } from './verdict.ts';

export interface Databases {
  influx: { url: string; user: string; password: string };
  databaseUrl: string;
}

export interface JudgedSite extends OracleSite {
  ledger: Ledger;
}

const MOST_FINDINGS = 10;

/** "<miner> <second>" of samples found somewhere. */
type Found = Set<string>;
const nameOf = (miner: number, second: number): string => `${miner} ${second}`;

/** Compares what the sites said with what is stored, read straight from the databases and the queue folders. */
export async function judge(
  { influx, databaseUrl }: Databases,
  sites: readonly JudgedSite[],
): Promise<Verdict> {
  const verdict: Verdict = {
    kept: 0,
    stored: 0,
    quarantined: 0,
    held: 0,
    inGaps: 0,
    duplicateDeliveries: 0,
    lost: 0,
    doubled: 0,
    phantom: 0,
    altered: 0,
    stale: 0,
    findings: [],
  };
  const find = (text: string): void => {
    if (verdict.findings.length < MOST_FINDINGS) verdict.findings.push(text);
  };
  const sql = postgres(databaseUrl, { max: 1, onnotice: () => undefined });
  try {
    for (const site of sites) await judgeSite(site, { influx, sql, verdict, find });
    const [receipts] = await sql<{ again: number }[]>`
      select coalesce(sum(deliveries - 1), 0)::int as again from ingest_receipts`;
    verdict.duplicateDeliveries = receipts?.again ?? 0;
  } finally {
    await sql.end({ timeout: 1 });
  }
  return verdict;
}

interface Work {
  influx: Databases['influx'];
  sql: Sql;
  verdict: Verdict;
  find: (text: string) => void;
}

async function judgeSite(site: JudgedSite, work: Work): Promise<void> {
  const { verdict, find } = work;
  const { ledger } = site;
  const stored = await storedOf(site, work);
  const quarantined = await quarantinedOf(site, work.sql);
  const held = await heldIn(site.queueDir);
  const known = await gapsOf(site, work.sql);
  // One that the server has recorded, but whose answer was lost, is in both places.
  const gaps = [...known, ...held.gaps.filter(({ id }) => !known.some((gap) => gap.id === id))];
  verdict.quarantined += quarantined.size;
  verdict.held += held.samples.size;
  const allowed = gaps.reduce((sum, gap) => sum + gap.samples, 0);
  verdict.inGaps += allowed;

  let inGaps = 0;
  for (const [second, samples] of ledger.kept) {
    verdict.kept += samples;
    let missing = 0;
    for (let miner = 0; miner < samples; miner += 1) {
      const name = nameOf(miner, second);
      if (!stored.has(name) && !quarantined.has(name) && !held.samples.has(name)) missing += 1;
    }
    if (missing === 0) continue;
    if (gaps.some(({ fromS, toS }) => fromS <= second && second <= toS)) {
      inGaps += missing;
    } else {
      verdict.lost += missing;
      find(`site ${site.site}: ${missing} of ${samples} samples of second ${second} are nowhere`);
    }
  }
  // More in gaps than is missing is honest: counted, then a crash before the file was gone.
  if (inGaps > allowed) {
    verdict.lost += inGaps - allowed;
    find(`site ${site.site}: ${inGaps} samples missing within gaps that name ${allowed}`);
  }
  await judgeInventory(site, stored, work);
}

/** Points of the site that somebody attempted; counts those that are doubled, phantom or altered. */
async function storedOf(site: JudgedSite, { influx, verdict, find }: Work): Promise<Found> {
  const stored: Found = new Set();
  const series = await askInflux(
    influx,
    'hashyard',
    `SELECT hashrate_ths, temp_c, power_w, accepted FROM miner WHERE site = '${site.scope}' GROUP BY *`,
  );
  for (const { tags, values } of series) {
    const miner = minerOf(site.site, tags['miner'] ?? '');
    for (const [time, ...fields] of values) {
      const second = Number(time);
      const name = nameOf(miner ?? -1, second);
      if (miner === null || miner >= (site.ledger.attempted.get(second) ?? 0)) {
        verdict.phantom += 1;
        find(`site ${site.site}: ${tags['miner']} at ${second} is stored and was never made`);
        continue;
      }
      if (stored.has(name)) {
        verdict.doubled += 1;
        find(`site ${site.site}: ${tags['miner']} at ${second} is stored twice`);
        continue;
      }
      stored.add(name);
      const truth = truthOf(site.site, miner, second);
      const expected = [truth.hashrateThs, truth.tempC, truth.powerW, truth.accepted];
      if (expected.some((value, index) => fields[index] !== value)) {
        verdict.altered += 1;
        find(
          `site ${site.site}: ${tags['miner']} at ${second} is ${fields.join()}, not ${expected.join()}`,
        );
      }
    }
  }
  verdict.stored += stored.size;
  return stored;
}

async function quarantinedOf(site: JudgedSite, sql: Sql): Promise<Found> {
  const rows = await sql<{ mac: string | null; at: string | null }[]>`
    select sample ->> 'mac' as mac, sample ->> 'timestamp' as at
    from ingest_quarantine where agent_id = ${site.agentId}`;
  return new Set(
    rows.flatMap(({ mac, at }) => {
      const miner = mac === null ? null : minerOf(site.site, mac);
      return miner === null || at === null ? [] : [nameOf(miner, Date.parse(at) / 1000)];
    }),
  );
}

async function gapsOf(site: JudgedSite, sql: Sql) {
  const rows = await sql<{ id: string; from: Date; to: Date; samples: number }[]>`
    select gap_id as id, from_at as from, to_at as to, samples from ingest_gaps where agent_id = ${site.agentId}`;
  return rows.map(({ id, from, to, samples }) => ({
    id,
    fromS: from.getTime() / 1000,
    toS: to.getTime() / 1000,
    samples,
  }));
}

/** The latest state of each miner must be that of its newest stored sample. */
async function judgeInventory(site: JudgedSite, stored: Found, work: Work): Promise<void> {
  const newest = new Map<number, number>();
  for (const name of stored) {
    const [miner = 0, second = 0] = name.split(' ').map(Number);
    newest.set(miner, Math.max(newest.get(miner) ?? 0, second));
  }
  const rows = await work.sql<{ mac: string; at: Date; hashrate: number }[]>`
    select m.mac, l.at, l.hashrate_ths as hashrate
    from miners m join miner_latest l on l.miner_id = m.id where m.scope = ${site.scope}`;
  const latest = new Map(rows.map((row) => [row.mac, row]));
  for (const [miner, second] of newest) {
    const row = latest.get(macOf(site.site, miner));
    const atS = row ? row.at.getTime() / 1000 : null;
    const truth = truthOf(site.site, miner, atS ?? 0).hashrateThs;
    // Newer than what is stored is possible: the inventory goes on while InfluxDB is away.
    if (atS === null || atS < second || row?.hashrate !== truth) {
      work.verdict.stale += 1;
      work.find(
        `site ${site.site}: miner ${miner} is known as of ${atS} (${row?.hashrate}), its newest sample is of ${second}`,
      );
    }
  }
}

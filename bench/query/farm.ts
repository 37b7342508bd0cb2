import type { Sql } from 'postgres';
import type { Influx } from '../../server/influx/influx.ts';
import {
  AGG_FIELDS,
  HOUR_FIELDS,
  MINER_HOUR_FIELDS,
} from '../../server/features/rollups/fields.ts';

export interface Size {
  miners: number;
  sites: number;
  days: number;
  /** Hours of raw samples of all miners; one miner has them for all days. */
  rawHours: number;
}

/** The miner that has raw samples for all days. */
export const WATCHED = 1;

/** The inventory of so many miners, each with boards, fans and a pool, all heard of just now. */
export async function fillPostgres(sql: Sql, { miners, sites }: Size, endS: number): Promise<void> {
  const at = new Date(endS * 1000);
  await sql`insert into sites (name) select 'Site ' || n from generate_series(1, ${sites}::int) n`;
  await sql`insert into agents (name, site_id, last_seen_at, report)
    select 'agent ' || id, id, now(), jsonb_build_object('version', '0.1.0', 'backlog', jsonb_build_object('batches', 0, 'bytes', 0),
      'cycle', jsonb_build_object('duration_ms', 21000, 'interval_s', 60, 'miners', 500, 'reachable', 495)) from sites`;
  await sql`insert into miners (scope, site_id, agent_id, name, ip_address, port, manufacturer, model, algorithm, firmware, seen_at, created_at)
    select 'site-' || site, site, site, 'miner ' || n, '10.0.0.0'::inet + n, 4028, 'AntMiner', 'S19j Pro', 'sha256', 'Bitmain', ${at}, ${at}::timestamptz - interval '90 days'
    from (select n, 1 + n % ${sites}::int as site from generate_series(1, ${miners}::int) n) m`;
  await sql`insert into miner_keys (scope, key, miner_id, first_at)
    select scope, ${KEY_SQL(sql)}, id, ${at}::timestamptz - interval '90 days' from miners`;
  await sql`insert into miner_latest (miner_id, at, answered_at, reachable, hashrate_ths, expected_ths, power_w, temp_c, temp_chip_c, fan_rpm, accepted, rejected, uptime_s, mining, detail)
    select id, ${at}, ${at}, id % 97 <> 0, case when id % 97 <> 0 then 70 + id % 40 end, 100, 3000 + id % 200, 60 + id % 35, 60 + id % 35, 5000, 10000, id % 50, 86400 * 3 + id, true,
      jsonb_build_object('fans', '[5000,5100,5200,5300]'::jsonb,
        'boards', (select jsonb_agg(jsonb_build_object('slot', s, 'hash_rate', 33, 'temp_chip', 70, 'chips', 126, 'chips_good', 126, 'chips_expected', 126, 'hw_errors', 3)) from generate_series(0, 2) s),
        'pools', '[{"url":"stratum+tcp://btc.example.com:3333","user":"farm.x","active":true,"alive":true,"accepted":10000,"rejected":12,"stale":0}]'::jsonb)
    from miners`;
  await sql`insert into ingest_receipts (queue_id, seq, sha256, agent_id, samples, answer, first_at)
    select '00000000-0000-4000-8000-000000000001'::uuid, agents.id * 1000000 + minute, decode(repeat('00', 32), 'hex'), agents.id, 500, '{}', ${at}::timestamptz - minute * interval '1 minute'
    from agents, generate_series(0, 43199) minute`;
  await sql`analyze`;
}

const KEY_SQL = (sql: Sql) => sql`lpad(to_hex(id), 12, '0')`;
export const keyOf = (id: number) => id.toString(16).padStart(12, '0');
/** As the inventory has it. */
export const siteOf = (id: number, sites: number) => `site-${1 + (id % sites)}`;

const BATCH = 8000;

/** Writes rollups and agents' minutes for all days, and raw samples for some hours, or of one miner for all days. */
export async function fillInflux(
  influx: Influx,
  names: { database: string; rollupDatabase: string },
  size: Size,
  endS: number,
  say: (what: string, points: number, seconds: number) => void,
): Promise<void> {
  const load = async (what: string, database: string, lines: Iterable<string>) => {
    const began = performance.now();
    let batch: string[] = [];
    let points = 0;
    let underWay: Promise<void> = Promise.resolve();
    for (const line of lines) {
      batch.push(line);
      points += 1;
      if (batch.length < BATCH) continue;
      // One request is answered while the next is put together.
      await underWay;
      underWay = influx.write(database, batch);
      batch = [];
    }
    await underWay;
    if (batch.length > 0) await influx.write(database, batch);
    say(what, points, (performance.now() - began) / 1000);
  };
  await load('raw samples of all miners', names.database, rawOfAll(size, endS));
  await load('raw samples of one miner', names.database, rawOfOne(size, endS));
  await load('minutes of sites and the fleet', names.database, minutes(size, endS));
  await load('minutes of agents', names.database, agents(size, endS));
  await load('hours', names.rollupDatabase, hours(size, endS));
}

/** Some plain number that differs by miner and time. */
const vary = (seed: number, timeS: number, base: number, by: number) =>
  Math.round(10 * (base + by * Math.sin(seed * 1.7 + timeS / 5000))) / 10;

function raw(id: number, sites: number, timeS: number): string {
  const up = Math.floor(timeS / 6);
  return (
    `miner,miner=${keyOf(id)},model=antminer-s19j-pro,site=${siteOf(id, sites)} up=1,mining=1,hashrate_ths=${vary(id, timeS, 98, 5)},expected_ths=100,power_w=${vary(id, timeS, 3050, 60)},` +
    `temp_c=${vary(id, timeS, 71, 6)},temp_chip_c=${vary(id, timeS, 71, 6)},temp_board_c=${vary(id, timeS, 60, 5)},fan_rpm=5300,fan_min_rpm=5000,fan1_rpm=5000,fan2_rpm=5100,fan3_rpm=5200,fan4_rpm=5300,` +
    `accepted=${up},rejected=${Math.floor(up / 500)},stale=0,hw_errors=${Math.floor(up / 50)},uptime_s=${timeS % 8_640_000} ${timeS}`
  );
}

function* rawOfAll({ miners, sites, rawHours }: Size, endS: number) {
  for (let t = endS - rawHours * 3600 + 60; t <= endS; t += 60) {
    for (let id = 1; id <= miners; id += 1) yield raw(id, sites, t);
  }
}

function* rawOfOne({ sites, days, rawHours }: Size, endS: number) {
  for (let t = endS - days * 86_400; t <= endS - rawHours * 3600; t += 60) {
    yield raw(WATCHED, sites, t);
    if (t % 300 !== 0) continue;
    for (let board = 0; board < 3; board += 1) {
      yield `board,board=${board},miner=${keyOf(WATCHED)},model=antminer-s19j-pro,site=${siteOf(WATCHED, sites)} hashrate_ths=33,temp_chip_c=${70 + board},temp_board_c=60 ${t}`;
    }
  }
}

const fieldsOf = (fields: readonly { name: string }[], seed: number, timeS: number) =>
  fields.map(({ name }, index) => `${name}=${vary(seed + index, timeS, 90, 5)}`).join(',');

function* minutes({ sites, days }: Size, endS: number) {
  for (let t = endS - days * 86_400; t <= endS; t += 60) {
    for (let site = 1; site <= sites; site += 1) {
      yield `site_agg,algo=sha256,site=site-${site} ${fieldsOf(AGG_FIELDS, site, t)} ${t}`;
    }
    yield `fleet_agg,algo=sha256 ${fieldsOf(AGG_FIELDS, 0, t)} ${t}`;
  }
}

const AGENT =
  'backlog_batches=0,backlog_bytes=0,backlog_age_s=0,memory_batches=0,clock_error_ms=12,cycle_miners=500,cycle_reachable=495,gap_samples=0,quarantined=0,quarantine_held=0,refused=0,pending=0,scan_identified=500,scan_unknown=2,scan_silent=500,scan_refused=3';

function* agents({ sites, days }: Size, endS: number) {
  for (let t = endS - days * 86_400; t <= endS; t += 60) {
    for (let site = 1; site <= sites; site += 1) {
      yield `agent,agent=agent-${site},site=site-${site} silence_s=${20 + (t % 7)},cycle_ms=${vary(site, t, 21_000, 900)},${AGENT} ${t}`;
    }
  }
}

function* hours({ sites, days }: Size, endS: number) {
  const first = Math.floor((endS - days * 86_400) / 3600) * 3600;
  for (let t = first; t <= endS; t += 3600) {
    for (let site = 1; site <= sites; site += 1) {
      yield `site_1h,algo=sha256,site=site-${site} ${fieldsOf(HOUR_FIELDS, site, t)} ${t}`;
    }
    yield `fleet_1h,algo=sha256 ${fieldsOf(HOUR_FIELDS, 0, t)} ${t}`;
    yield `miner_1h,algo=sha256,miner=${keyOf(WATCHED)},model=antminer-s19j-pro,site=${siteOf(WATCHED, sites)} ${fieldsOf(MINER_HOUR_FIELDS, 0, t)} ${t}`;
  }
}

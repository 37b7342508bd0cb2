import pino from 'pino';
import type { ReservedSql } from 'postgres';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openInflux } from '../../server/influx/open-influx.ts';
import type { Influx } from '../../server/influx/influx.ts';
import { freshDatabase, type FreshDatabase } from '../../tests/support/database.ts';
import { freshInflux, type FreshInflux } from '../../tests/support/influx.ts';
import type { Answers, RuleJson } from '../testing/alerting/evaluate.ts';
import { stage, type Answer, type Stage, type Story } from '../testing/alerting/incident.ts';
import { DatabaseAway, RuleStates, type Transition } from '../testing/alerting/states.ts';
import { expand } from '../testing/expand.ts';
import { secondsOf } from '../testing/ranges.ts';
import { alertFiles } from './provision.ts';

interface RulesFile {
  groups: { interval: string; rules: RuleJson[] }[];
}
const file = JSON.parse(
  alertFiles().get('provisioning/alerting/hashyard-rules.json') ?? '',
) as RulesFile;
const rules = file.groups.flatMap((group) =>
  group.rules.map((rule) => ({ rule, everyS: secondsOf(group.interval) })),
);

const MINUTES = 240;
const between = (minute: number, from: number, to: number) => minute >= from && minute < to;
const alpha = Array.from({ length: 40 }, (_, index) => `a${index + 1}`);
const beta = Array.from({ length: 15 }, (_, index) => `b${index + 1}`);

/** Miner → what is wrong with it, and in which minutes. */
const TROUBLES: Record<string, (minute: number) => Partial<Answer>> = {
  a1: (m) => ({ answers: !between(m, 20, 60) }),
  'a2, every four minutes': (m) => ({ answers: Math.floor(m / 4) % 2 === 0 }),
  'a3, twice for half an hour': (m) => ({ answers: !between(m, 20, 50) && !between(m, 80, 110) }),
  a4: (m) => ({ percent: between(m, 30, 70) ? 60 : 100 }),
  'a5, for ten minutes': (m) => ({ percent: between(m, 30, 40) ? 60 : 100 }),
  'a5a, meant to rest': (m) => (between(m, 30, 70) ? { percent: 0, mining: false } : {}),
  a6: (m) => ({ chipC: between(m, 30, 50) ? 97 : 70 }),
  a7: (m) => ({ fans: between(m, 30, 50) ? [5000, 0] : [5000, 5100] }),
  'a7a, 30600 rpm': (m) => ({ fans: between(m, 30, 50) ? [5000, 30_600] : [5000, 5100] }),
  a8: (m) => ({ boards: between(m, 30, 90) ? 2 : 3 }),
  a9: (m) => ({
    pool: between(m, 32, 70) ? 'stratum+tcp://evil.test:1' : 'stratum+tcp://btc.example.com:1',
  }),
  'a10, every other minute hot': (m) => ({ chipC: m % 6 < 3 ? 97 : 70 }),
};
const troubled = Object.entries(TROUBLES);
const OUTAGE = [170, 200] as const;

const story: Story = {
  sites: { Alpha: alpha, Beta: beta },
  miner(name, minute) {
    const index = alpha.indexOf(name);
    // The last twelve lose their power together.
    if (index >= 28) return { answers: !between(minute, ...OUTAGE) };
    return troubled[index]?.[1](minute) ?? {};
  },
  agentSpeaks: (site, minute) => site === 'Alpha' || !between(minute, 100, 150),
};

const rejectedPercent = (minute: number) => (between(minute, 30, 150) ? 5 : 0.1);
const backlog = (minute: number) => (between(minute, 120, 165) ? minute - 119 : 0);
const quarantined = (minute: number) => (minute >= 50 ? 20 : 0);
const INFLUX_AWAY = [215, 222] as const;
const POSTGRES_AWAY = [226, 232] as const;

let database: FreshDatabase;
let influxdb: FreshInflux;
let influx: Influx;
let grafana: ReservedSql;
let farm: Stage;
const startS = Math.floor(Date.now() / 60_000) * 60 - 6 * 3600;
let log: Transition[] = [];

beforeAll(async () => {
  [database, influxdb] = await Promise.all([freshDatabase(), freshInflux()]);
  influx = openInflux(influxdb.config, pino({ level: 'silent' }));
  farm = await stage(database.sql, story);
  await influx.write(influxdb.config.database, lines());
  grafana = await database.sql.reserve();
  await grafana`set role hashyard_grafana`;
  log = await run();
}, 300_000);

afterAll(async () => {
  grafana.release();
  await influx.close();
  await influxdb[Symbol.asyncDispose]();
  await database[Symbol.asyncDispose]();
});

function lines(): string[] {
  return Array.from({ length: MINUTES + 60 }, (_, index) => index - 60).flatMap((minute) => {
    const at = startS + minute * 60;
    const agent = (site: string, held: number, set: number) =>
      `agent,agent=agent-${farm.agents[site]},site=${farm.scopes[site]} silence_s=20,backlog_batches=${held},quarantined=${set} ${at}`;
    const shares = (site: string, percent: number) =>
      `site_agg,site=${farm.scopes[site]},algo=sha256 accepted=${100 - percent},rejected=${percent} ${at}`;
    return [
      agent('Alpha', backlog(minute), quarantined(minute)),
      // What a silent agent held stays as it said last.
      agent('Beta', Math.min(backlog(minute), 5), 0),
      shares('Alpha', rejectedPercent(minute)),
      shares('Beta', 0.1),
    ];
  });
}

/** Every rule of the file, looked at every minute or every five as Grafana does. */
async function run(): Promise<Transition[]> {
  const states = rules.map(({ rule, everyS }) => ({
    states: new RuleStates(rule, everyS),
    everyS,
  }));
  const changes: Transition[] = [];
  for (let minute = 0; minute < MINUTES; minute += 1) {
    await farm.play(minute);
    const answers = answersAt(minute);
    for (const { states: one, everyS } of states) {
      if ((minute * 60) % everyS === 0) changes.push(...(await one.look(minute * 60, answers)));
    }
  }
  return changes;
}

function answersAt(minute: number): Answers {
  return {
    async sql(text) {
      if (between(minute, ...POSTGRES_AWAY)) throw new DatabaseAway();
      return [...(await grafana.unsafe(text))];
    },
    async influxql(text, seconds) {
      if (between(minute, ...INFLUX_AWAY)) throw new DatabaseAway();
      const to = new Date((startS + minute * 60 + 1) * 1000);
      const from = new Date(to.getTime() - seconds * 1000);
      const found = await influx.query(
        influxdb.config.database,
        expand(text, { from, to, intervalS: 60, variables: {} }),
      );
      return found.flatMap(({ tags, values }) => {
        const value = values.at(-1)?.[1];
        return typeof value === 'number' ? [{ labels: tags, value }] : [];
      });
    },
  };
}

/** In order of time, then of name. */
const of = (uid: string) =>
  log
    .filter(({ rule }) => rule.uid === `hashyard-${uid}`)
    .map(({ what, timeS, labels }) => {
      const who = labels['miner'] ?? labels['agent_name'] ?? labels['site_name'] ?? 'it';
      return { timeS, text: `${who} ${what} at ${timeS / 60}` };
    })
    .sort((a, b) => a.timeS - b.timeS || (a.text < b.text ? -1 : 1))
    .map(({ text }) => text);

test('miner offline: ten minutes and two looks, nothing while it flaps, nothing for those of an outage', () => {
  expect(of('miner-offline')).toEqual([
    'a1 fires at 31',
    'a3 fires at 31',
    'a3 ends at 51',
    'a1 ends at 61',
    'a3 fires at 91',
    'a3 ends at 111',
  ]);
});

test('agent silent: one alert for the agent, and not one for any of its miners', () => {
  expect(of('agent-silent')).toEqual(['agent of Beta fires at 104', 'agent of Beta ends at 151']);
  expect(log.filter(({ labels }) => labels['miner']?.startsWith('b'))).toEqual([]);
  expect(of('site-low').filter((text) => text.includes('Beta'))).toEqual([]);
});

test('hashrate low: not for ten minutes, not for a miner that is meant to rest', () => {
  expect(of('hashrate-low')).toEqual(['a4 fires at 45', 'a4 ends at 71']);
});

test('chip too hot, fan stopped or impossible; a chip that is hot now and then does not fire', () => {
  expect(of('chip-hot')).toEqual(['a7 fires at 35', 'a7 ends at 51']);
  expect(of('fan')).toEqual(['a8 fires at 35', 'a9 fires at 35', 'a8 ends at 51', 'a9 ends at 51']);
});

test('board missing, pool outside the list', () => {
  expect(of('board-missing')).toEqual(['a10 fires at 45', 'a10 ends at 95']);
  expect(of('pool-outside')).toEqual(['a11 fires at 40', 'a11 ends at 75']);
});

test('an outage of many miners is one alert, and the hashrate of the site', () => {
  expect(of('site-outage')).toEqual(['Alpha fires at 175', 'Alpha ends at 201']);
  expect(of('site-low')).toEqual(['Alpha fires at 185', 'Alpha ends at 201']);
});

/** The first minute from there whose last hour has more than 2 %, or no more. */
const crosses = (above: boolean, from: number) => {
  for (let minute = from; ; minute += 1) {
    const hour = Array.from({ length: 60 }, (_, ago) => rejectedPercent(minute - ago));
    if (hour.reduce((sum, percent) => sum + percent, 0) / 60 > 2 === above) return minute;
  }
};

test('rejected shares of the last hour, by the name of the site', () => {
  expect(of('rejected-high')).toEqual([
    `Alpha fires at ${crosses(true, 0) + 15}`,
    `Alpha ends at ${crosses(false, 150)}`,
  ]);
});

test('backlog and quarantine growing', () => {
  expect(of('backlog-growing')).toEqual([
    'agent of Alpha fires at 150',
    'agent of Alpha ends at 165',
  ]);
  expect(of('quarantine-growing')).toEqual([
    'agent of Alpha fires at 55',
    'agent of Alpha ends at 109',
  ]);
});

test('a database that is away is told once, and changes nothing else', () => {
  expect(of('influx-away')).toEqual(['it fires at 218', 'it ends at 222']);
  expect(of('postgres-away')).toEqual(['it fires at 229', 'it ends at 232']);
  expect(log.filter(({ timeS }) => timeS / 60 > 210).map(({ rule }) => rule.uid)).toEqual([
    'hashyard-influx-away',
    'hashyard-influx-away',
    'hashyard-postgres-away',
    'hashyard-postgres-away',
  ]);
});

test('every text names who, the value and the limit, and links; every label a text uses is there', () => {
  for (const { rule, labels, value, what } of log.filter((one) => one.what === 'fires')) {
    const used = [
      ...`${rule.annotations['summary']} ${rule.annotations['link']}`.matchAll(/\.Labels\.(\w+)/g),
    ];
    expect(Object.keys(labels)).toEqual(expect.arrayContaining(used.map(([, name]) => name)));
    expect(what).toBe('fires');
    const isAway = rule.uid.endsWith('-away');
    expect(typeof value === 'number' || isAway).toBe(true);
    expect('site_name' in labels || isAway).toBe(true);
  }
  expect(new Set(log.map(({ rule }) => rule.uid)).size).toBe(rules.length);
});

import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { discoveredMiner, minerSample } from './miner.ts';
import { legacySyncAnswer, syncAnswer, syncBody } from './sync.ts';

const GOLDENS = new URL('goldens/', import.meta.url);
const files = readdirSync(GOLDENS, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.json'))
  .toSorted((a, b) => a.localeCompare(b));

function bytesOf(name: string): Buffer {
  return readFileSync(new URL(name, GOLDENS));
}

/** As the server reads it: Python's bare NaN and Infinity as text. No payload has them inside of a string. */
function read(name: string): unknown {
  return JSON.parse(
    bytesOf(name)
      .toString()
      .replaceAll(/-?\b(?:NaN|Infinity)\b/g, '"$&"'),
  );
}

function parse(name: string) {
  return syncBody.parse(read(name));
}

describe('every payload an agent was ever able to send still parses', () => {
  test.each(files)('%s', (name) => {
    expect(syncBody.safeParse(read(name)).error).toBeUndefined();
  });
});

test('a published payload is never changed or removed, and a new one is listed', () => {
  const listed = readFileSync(new URL('sha256.txt', GOLDENS), 'utf8').trim().split('\n');
  const present = files.map(
    (name) => `${createHash('sha256').update(bytesOf(name)).digest('hex')}  ${name}`,
  );
  // Agents in the field send these for years: add a file and its line (sha256sum), touch none.
  expect(present).toEqual(listed);
});

test('our full batches name every field of the contract', () => {
  const batches = ['v1/agent-batch.json', 'v1/agent-batch-water.json'].map(parse);
  const samples = batches.flatMap(({ miner_stats }) => miner_stats);
  const found = batches.flatMap(({ discovered_miners }) => discovered_miners);
  const sampled = new Set(samples.flatMap((sample) => Object.keys(sample)));
  const legacy = new Set(['summary_data', 'stats_data']);
  expect(
    Object.keys(minerSample.shape).filter((key) => !sampled.has(key) && !legacy.has(key)),
  ).toEqual([]);
  const foundKeys = new Set(found.flatMap((miner) => Object.keys(miner)));
  const assigned = new Set(['container_id', 'pool_id', 'tags']);
  expect(
    Object.keys(discoveredMiner.shape).filter((key) => !foundKeys.has(key) && !assigned.has(key)),
  ).toEqual([]);
});

test('the old agent: port and lists have defaults, numbers may be text, unknown fields are left out', () => {
  const body = syncBody.parse({
    miner_stats: [
      {
        ip_address: '10.0.0.1',
        timestamp: 't',
        hash_rate: ' 504.56 ',
        port: '4029',
        colour: 'red',
      },
      { ip_address: '10.0.0.1', timestamp: 't', accepted_shares: 12.0 },
    ],
    version: 7,
  });
  expect(body).toEqual({
    discovered_miners: [],
    miner_stats: [
      { ip_address: '10.0.0.1', timestamp: 't', hash_rate: 504.56, port: 4029 },
      { ip_address: '10.0.0.1', timestamp: 't', accepted_shares: 12, port: 4028 },
    ],
  });
});

test('NaN as Python writes it is understood in the fields of the old agent', () => {
  const [sample] = parse('v1/old-agent-poll-nan.json').miner_stats;
  expect(sample).toMatchObject({ hash_rate: Number.NaN, temperature: Number.NaN, fan_speed: 5880 });
});

test('the answer to an old agent has its four fields', () => {
  expect(Object.keys(legacySyncAnswer.shape)).toEqual([
    'miners_added',
    'miners_updated',
    'stats_added',
    'errors',
  ]);
  expect(Object.keys(syncAnswer.shape)).toEqual(
    expect.arrayContaining(Object.keys(legacySyncAnswer.shape)),
  );
});

import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { KnownMiner } from './miner.ts';
import { emptyReading } from './reading.ts';
import { openRoster } from './roster.ts';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'agent-roster-'));
  await mkdir(join(dir, 'tmp'));
});
afterEach(() => rm(dir, { recursive: true }));

const open = (includes: (address: string) => boolean = () => true, now?: () => number) =>
  openRoster({ dir, includes, ...(now ? { now } : {}) });

function miner(host: string, mac: string | null, more: Partial<KnownMiner> = {}): KnownMiner {
  const identity = { ...emptyReading().identity, mac };
  return { host, port: 4028, family: 'f', identity, memory: new Map(), ...more };
}

const seen = (roster: Awaited<ReturnType<typeof open>>) =>
  roster
    .miners()
    .map(({ host, identity }) => `${host} ${identity.mac}`)
    .sort();

describe('roster', () => {
  it('replaces the old address of a miner that has moved', async () => {
    const roster = await open();
    expect(roster.learn([miner('10.0.0.1', 'a')])).toEqual({ added: 1, moved: 0, replaced: 0 });
    expect(roster.learn([miner('10.0.0.9', 'a')])).toEqual({ added: 0, moved: 1, replaced: 0 });
    expect(seen(roster)).toEqual(['10.0.0.9 a']);
  });

  it('lets two miners swap addresses', async () => {
    const roster = await open();
    roster.learn([miner('10.0.0.1', 'a'), miner('10.0.0.2', 'b')]);
    roster.learn([miner('10.0.0.1', 'b'), miner('10.0.0.2', 'a')]);
    expect(seen(roster)).toEqual(['10.0.0.1 b', '10.0.0.2 a']);
  });

  it('keeps a miner that a scan did not find, and what was learnt about one it did', async () => {
    const roster = await open();
    const first = miner('10.0.0.1', 'a');
    first.memory.set('joins', false);
    roster.learn([first, miner('10.0.0.2', null)]);
    roster.learn([miner('10.0.0.1', 'a')]);
    expect(seen(roster)).toEqual(['10.0.0.1 a', '10.0.0.2 null']);
    expect(roster.miners()[0]?.memory.get('joins')).toBe(false);
  });

  it('keeps a MAC that was not said this time', async () => {
    const roster = await open();
    roster.learn([miner('10.0.0.1', 'a')]);
    roster.learn([miner('10.0.0.1', null)]);
    expect(seen(roster)).toEqual(['10.0.0.1 a']);
  });

  it('counts a miner with two addresses once, where it was', async () => {
    const roster = await open();
    roster.learn([miner('10.0.0.5', 'a')]);
    roster.learn([miner('10.0.0.1', 'a'), miner('10.0.0.5', 'a')]);
    expect(seen(roster)).toEqual(['10.0.0.5 a']);
  });

  it('survives a restart, without addresses that left the ranges', async () => {
    const roster = await open();
    roster.learn([miner('10.0.0.1', 'a'), miner('10.0.0.2', 'b')]);
    await roster.save();
    const again = await open((address) => address !== '10.0.0.2');
    expect(seen(again)).toEqual(['10.0.0.1 a']);
    expect(again.miners()[0]?.memory).toEqual(new Map());
  });

  it('forgets a miner that no scan has found for two weeks', async () => {
    let now = 0;
    const roster = await open(undefined, () => now);
    roster.learn([miner('10.0.0.1', 'a')]);
    now = 13 * 86_400_000;
    roster.learn([]);
    expect(roster.miners()).toHaveLength(1);
    now = 15 * 86_400_000;
    roster.learn([]);
    expect(roster.miners()).toHaveLength(0);
  });

  it('starts empty when the file is damaged', async () => {
    await writeFile(join(dir, 'miners.json'), '[{"host":');
    const roster = await open();
    expect(roster.miners()).toEqual([]);
  });
});

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import * as z from 'zod';
import { decode } from './families/decode.ts';
import { makeReplies } from './families/family.ts';
import { familyById } from './families/index.ts';
import { readJson } from './lenient-json.ts';
import type { Json } from './lenient-json.ts';
import { missingIn, provenanceOf } from './provenance.ts';
import { emptyReading } from './reading.ts';

const recorded = z.object({ replies: z.record(z.string(), z.string()) });

function probed(id: string, recording: string) {
  const path = join(import.meta.dirname, 'families', id, 'recordings', `${recording}.json`);
  const { replies } = recorded.parse(JSON.parse(readFileSync(path, 'utf8')));
  const understood = new Map<string, Json>(
    Object.entries(replies).map(([name, raw]) => {
      const read = readJson(raw);
      return [name, read.ok ? read.value : raw];
    }),
  );
  const family = familyById(id)!;
  const known = emptyReading().identity;
  const reading = decode(family, makeReplies(understood, known, true));
  const told = provenanceOf(family, understood, known, reading);
  return {
    of: (field: string) => told.find((one) => one.field === field),
    told,
    missing: missingIn(family, reading),
  };
}

it('names the place each value comes from, with its unit', () => {
  const { of } = probed('antminer-stock', 'classic-three-boards');
  expect(of('hashrate.nowThs')).toMatchObject({ unit: 'TH/s', from: ['summary SUMMARY.0.GHS 5s'] });
  expect(of('boards.0.chips')).toMatchObject({ unit: null, from: ['stats STATS.1.chain_acn1'] });
  expect(of('identity.modelRaw')?.from).toEqual(['version VERSION.0.Type']);
  expect(of('state.uptimeS')).toMatchObject({ unit: 's', from: ['summary SUMMARY.0.Elapsed'] });
  expect(of('boards.0.chipsGood')?.from).toEqual(['stats STATS.1.chain_acs1']);
  expect(of('pools.0.alive')?.from).toEqual(['pools POOLS.0.Status']);
  // The same for every machine of the family.
  expect(of('identity.firmware')?.from).toEqual([]);
});

it('sees through a text with many fields, and a sum of several places', () => {
  const avalon = probed('avalon', 'a15');
  expect(avalon.of('power.watts')).toMatchObject({ unit: 'W', from: ['stats STATS.0.MM ID0'] });
  const { of } = probed('epic', 'powerplay');
  expect(of('hashrate.nowThs')?.from.length).toBeGreaterThan(1);
});

it('lists what the family can tell and this machine did not', () => {
  const { missing, told } = probed('antminer-stock', 'classic-three-boards');
  expect(missing).toContain('power.watts');
  expect(missing).not.toContain('boards.chips');
  expect(missing.filter((field) => told.some((one) => one.field === field))).toEqual([]);
});

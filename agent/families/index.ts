import { antminerStock } from './antminer-stock/family.ts';
import { asicseer } from './asicseer/family.ts';
import { auradine } from './auradine/family.ts';
import { avalon } from './avalon/family.ts';
import { baikal } from './baikal/family.ts';
import { bitaxe } from './bitaxe/family.ts';
import { bitfury } from './bitfury/family.ts';
import { blackminer } from './blackminer/family.ts';
import { braiins } from './braiins/family.ts';
import { dayun } from './dayun/family.ts';
import { dragonmint } from './dragonmint/family.ts';
import { ebang } from './ebang/family.ts';
import { elphapex } from './elphapex/family.ts';
import { epic } from './epic/family.ts';
import type { Family } from './family.ts';
import { futurebit } from './futurebit/family.ts';
import { genericCgminer } from './generic-cgminer/family.ts';
import { goldshell } from './goldshell/family.ts';
import { hammer } from './hammer/family.ts';
import { hiveon } from './hiveon/family.ts';
import { honorknight } from './honorknight/family.ts';
import { hyperbit } from './hyperbit/family.ts';
import { ibelink } from './ibelink/family.ts';
import { iceriver } from './iceriver/family.ts';
import { innosilicon } from './innosilicon/family.ts';
import { luxos } from './luxos/family.ts';
import { mara } from './mara/family.ts';
import { minerva } from './minerva/family.ts';
import { mskminer } from './mskminer/family.ts';
import { multminer } from './multminer/family.ts';
import { nerdqaxe } from './nerdqaxe/family.ts';
import { obelisk } from './obelisk/family.ts';
import { proto } from './proto/family.ts';
import { sealminer } from './sealminer/family.ts';
import { spondoolies } from './spondoolies/family.ts';
import { strongu } from './strongu/family.ts';
import { vnish } from './vnish/family.ts';
import { volcminer } from './volcminer/family.ts';
import { whatsminer } from './whatsminer/family.ts';

/**
 * Every family the agent knows, in the order their evidence is weighed: custom firmware stands before
 * the stock it answers like, and the fallback last.
 */
export const families: readonly Family[] = [
  braiins,
  luxos,
  mara,
  vnish,
  hiveon,
  mskminer,
  asicseer,
  elphapex,
  epic,
  sealminer,
  auradine,
  avalon,
  iceriver,
  futurebit,
  goldshell,
  dragonmint,
  innosilicon,
  nerdqaxe,
  bitaxe,
  proto,
  whatsminer,
  antminerStock,
  volcminer,
  hammer,
  blackminer,
  strongu,
  spondoolies,
  ibelink,
  baikal,
  honorknight,
  minerva,
  dayun,
  hyperbit,
  ebang,
  obelisk,
  bitfury,
  multminer,
  genericCgminer,
];

/** Ports worth knocking at: those by which any family is known, wherever its web server may be. */
export const SCAN_PORTS: readonly number[] = [
  ...new Set([
    ...families.flatMap(({ plans, readAt }) => [...plans.keys()].filter((port) => port !== readAt)),
    // A web server may be behind TLS only.
    443,
  ]),
];

export function familyById(id: string): Family | undefined {
  return families.find((family) => family.id === id);
}

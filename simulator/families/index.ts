import type { RpcDialect } from '../cgminer-protocol.ts';
import type { Dialect, FamilyId, Model } from '../models.ts';
import type { Web } from '../web.ts';
import { antminerDialects, antminerPage } from './antminer-stock.ts';
import { auradineDialects, auradineWebs } from './auradine.ts';
import { avalonDialects, avalonPage } from './avalon.ts';
import { baikalDialects, baikalWeb } from './baikal.ts';
import { bitaxePage } from './bitaxe.ts';
import { bitfuryWeb } from './bitfury.ts';
import { braiinsDialects, braiinsPage, braiinsPost } from './braiins.ts';
import { ccminerDialects, ccminerPage } from './ccminer.ts';
import { dayunDialects } from './dayun.ts';
import { ebangWeb } from './ebang.ts';
import { elphapexWeb } from './elphapex.ts';
import { epicWebs } from './epic.ts';
import { futurebitDialects, futurebitWebs } from './futurebit.ts';
import { genericDialects } from './generic-cgminer.ts';
import { goldshellDialects, goldshellWeb } from './goldshell.ts';
import { honorknightDialects, honorknightWeb } from './honorknight.ts';
import { hyperbitDialects } from './hyperbit.ts';
import { ibelinkDialects } from './ibelink.ts';
import { iceriverWeb } from './iceriver.ts';
import { dragonmintWeb, innominerDialects, innominerWeb } from './innominer.ts';
import { luxosDialects } from './luxos.ts';
import { maraDialects, maraPage } from './mara.ts';
import { minervaDialects } from './minerva.ts';
import { multminerWeb } from './multminer.ts';
import { nerdqaxePage } from './nerdqaxe.ts';
import { obeliskWeb } from './obelisk.ts';
import { protoWeb } from './proto.ts';
import { forkDialects, forkPage, mskminerPost } from './s9-forks.ts';
import { sealminerDialects, sealminerWeb } from './sealminer.ts';
import { spondooliesDialects } from './spondoolies.ts';
import { stronguDialects, stronguWeb } from './strongu.ts';
import { vnishDialects, vnishPage, vnishPost } from './vnish.ts';
import { whatsminerDialects } from './whatsminer.ts';

/** What answers on a family's ports. */
interface Speaks {
  /** On 4028, by dialect; nothing without. */
  rpc?: Partial<Record<Dialect, RpcDialect>>;
  webs?: readonly Web[] | Partial<Record<Dialect, readonly Web[]>>;
}

const json = { contentType: 'application/json' };

const antminerWeb: Web = { ...json, pages: antminerPage, realm: 'antMiner Configuration' };
const forkWeb: Web = { ...antminerWeb, pages: forkPage };
const ccminerWeb: Web = { ...json, pages: ccminerPage, realm: 'blackMiner Configuration' };

const SPEAKS: Record<FamilyId, Speaks> = {
  'antminer-stock': { rpc: antminerDialects, webs: [antminerWeb] },
  whatsminer: { rpc: whatsminerDialects },
  avalon: { rpc: avalonDialects, webs: [{ pages: avalonPage, contentType: 'text/html' }] },
  hammer: { rpc: ccminerDialects, webs: [ccminerWeb] },
  blackminer: { rpc: ccminerDialects, webs: [ccminerWeb] },
  // Builds differ; clients look for it with either.
  volcminer: { rpc: ccminerDialects, webs: [{ ...ccminerWeb, passwords: ['ltc@dog', 'root'] }] },
  braiins: { rpc: braiinsDialects, webs: [{ ...json, pages: braiinsPage, posts: braiinsPost }] },
  luxos: { rpc: luxosDialects },
  vnish: {
    rpc: vnishDialects,
    webs: [{ ...json, pages: vnishPage, posts: (_device, _state, path) => vnishPost(path) }],
  },
  mara: { rpc: maraDialects, webs: [{ ...json, pages: maraPage, realm: 'MaraFW' }] },
  hiveon: { rpc: forkDialects, webs: [forkWeb] },
  asicseer: { rpc: forkDialects, webs: [forkWeb] },
  mskminer: { rpc: forkDialects, webs: [{ ...json, pages: () => null, posts: mskminerPost }] },
  sealminer: { rpc: sealminerDialects, webs: [sealminerWeb] },
  bitaxe: { webs: [{ ...json, pages: bitaxePage }] },
  nerdqaxe: { webs: [{ ...json, pages: nerdqaxePage }] },
  'generic-cgminer': { rpc: genericDialects },
  auradine: { rpc: auradineDialects, webs: auradineWebs },
  baikal: { rpc: baikalDialects, webs: [baikalWeb] },
  bitfury: { webs: [bitfuryWeb] },
  dayun: { rpc: dayunDialects },
  dragonmint: { rpc: innominerDialects, webs: [dragonmintWeb] },
  ebang: { webs: [ebangWeb] },
  elphapex: { webs: [elphapexWeb] },
  epic: { webs: epicWebs },
  futurebit: { rpc: futurebitDialects, webs: { apollo: futurebitWebs } },
  goldshell: { rpc: goldshellDialects, webs: [goldshellWeb] },
  honorknight: { rpc: honorknightDialects, webs: [honorknightWeb] },
  hyperbit: { rpc: hyperbitDialects },
  ibelink: { rpc: ibelinkDialects },
  iceriver: { webs: [iceriverWeb] },
  innosilicon: { rpc: innominerDialects, webs: [innominerWeb] },
  minerva: { rpc: minervaDialects },
  multminer: { webs: [multminerWeb] },
  obelisk: { webs: [obeliskWeb] },
  proto: { webs: [protoWeb] },
  spondoolies: { rpc: spondooliesDialects },
  strongu: { rpc: stronguDialects, webs: [stronguWeb] },
};

const RPC_PORT = 4028;
const WEB_PORT = 80;

/** How a model answers cgminer's requests; null when it does not. */
export function rpcDialect(model: Model): RpcDialect | null {
  return SPEAKS[model.family].rpc?.[model.dialect] ?? null;
}

/** The ports where it does: clients ask ccminer on its own port, too. */
export function rpcPorts(model: Model): readonly number[] {
  if (rpcDialect(model) === null) return [];
  return model.dialect === 'ccminer-mhs' ? [RPC_PORT, 8359] : [RPC_PORT];
}

/** The web interfaces of a model, one a port. */
export function websOf(model: Model): readonly Web[] {
  const { webs = [] } = SPEAKS[model.family];
  return 'length' in webs ? webs : (webs[model.dialect] ?? []);
}

/** Whether a model speaks API 3 on port 4433. */
export function speaksV3(model: Model): boolean {
  return model.dialect === 'whatsminer-v3';
}

/** Whether a model answers lines of JSON on port 4111. */
export function speaksLines(model: Model): boolean {
  return model.family === 'iceriver';
}

/** Whether a model answers gRPC on port 50051. */
export function speaksGrpc(model: Model): boolean {
  return model.family === 'braiins';
}

/** Whether only the page on 80 tells what a model is. */
export function needsWeb(model: Model): boolean {
  return model.dialect === 'apollo' || mainPort(model) === WEB_PORT;
}

/** The port a model is best read by. */
export function mainPort(model: Model): number {
  if (speaksLines(model)) return 4111;
  if (rpcDialect(model) !== null) return RPC_PORT;
  return websOf(model).find(({ port }) => port !== undefined)?.port ?? WEB_PORT;
}

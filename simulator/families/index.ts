import type { RpcDialect } from '../cgminer-protocol.ts';
import type { Device } from '../device.ts';
import type { MinerState } from '../miner-state.ts';
import type { Dialect, Model } from '../models.ts';
import { antminerDialects, antminerPage } from './antminer-stock.ts';
import { avalonDialects, avalonPage } from './avalon.ts';
import { bitaxePage } from './bitaxe.ts';
import { ccminerDialects, ccminerPage } from './ccminer.ts';
import { braiinsDialects, braiinsPage, braiinsPost } from './braiins.ts';
import { genericDialects } from './generic-cgminer.ts';
import { luxosDialects } from './luxos.ts';
import { maraDialects, maraPage } from './mara.ts';
import { forkDialects, forkPage, mskminerPost } from './s9-forks.ts';
import { vnishDialects, vnishPage, vnishPost } from './vnish.ts';
import { sealminerDialects } from './sealminer.ts';
import { whatsminerDialects } from './whatsminer.ts';

const dialects: Partial<Record<Dialect, RpcDialect>> = {
  ...antminerDialects,
  ...whatsminerDialects,
  ...avalonDialects,
  ...ccminerDialects,
  ...braiinsDialects,
  ...luxosDialects,
  ...maraDialects,
  ...vnishDialects,
  ...forkDialects,
  ...sealminerDialects,
  ...genericDialects,
};

/** How a model answers on port 4028; null when nothing listens there. */
export function rpcDialect(model: Model): RpcDialect | null {
  if (model.dialect === 'axeos') return null;
  const dialect = dialects[model.dialect];
  if (dialect === undefined) throw new Error(`no replies for the dialect ${model.dialect}`);
  return dialect;
}

/** A page of a model's web interface; null when there is none under that path. */
export type WebPages = (device: Device, state: MinerState, path: string) => string | null;

/** What a vendor's web server answers to a POST that only reads or logs in; null = it would write. */
export type WebPosts = (
  device: Device,
  state: MinerState,
  path: string,
  body: string,
) => string | null;

export interface Web {
  pages: WebPages;
  posts?: WebPosts;
  contentType: string;
  /** Digest realm; null = open to all. */
  realm: string | null;
  /** Of the user root; "root" unless the vendor thought of others. */
  passwords?: readonly string[];
}

const CCMINER: Web = {
  pages: ccminerPage,
  contentType: 'application/json',
  realm: 'blackMiner Configuration',
};

/** The web interface of a model; null when the simulator has none for it. */
export function webOf(model: Model): Web | null {
  switch (model.family) {
    case 'antminer-stock':
      return {
        pages: antminerPage,
        contentType: 'application/json',
        realm: 'antMiner Configuration',
      };
    case 'avalon':
      return { pages: avalonPage, contentType: 'text/html', realm: null };
    case 'bitaxe':
      return { pages: bitaxePage, contentType: 'application/json', realm: null };
    case 'hammer':
    case 'blackminer':
      return CCMINER;
    case 'volcminer':
      // Builds differ; clients look for it with either.
      return { ...CCMINER, passwords: ['ltc@dog', 'root'] };
    case 'braiins':
      return {
        pages: braiinsPage,
        posts: braiinsPost,
        contentType: 'application/json',
        realm: null,
      };
    case 'vnish':
      return {
        pages: vnishPage,
        posts: (_device, _state, path) => vnishPost(path),
        contentType: 'application/json',
        realm: null,
      };
    case 'mara':
      return { pages: maraPage, contentType: 'application/json', realm: 'MaraFW' };
    case 'hiveon':
    case 'asicseer':
      return { pages: forkPage, contentType: 'application/json', realm: 'antMiner Configuration' };
    case 'mskminer':
      return {
        pages: () => null,
        posts: mskminerPost,
        contentType: 'application/json',
        realm: null,
      };
    default:
      return null;
  }
}

/** Where else than on 4028 a model answers cgminer's requests: clients ask ccminer on its own port. */
export function otherRpcPorts(model: Model): readonly number[] {
  return model.dialect === 'ccminer-mhs' ? [8359] : [];
}

/** Whether a model speaks API 3 on port 4433. */
export function speaksV3(model: Model): boolean {
  return model.dialect === 'whatsminer-v3';
}

import type { RpcDialect } from '../cgminer-protocol.ts';
import type { Device } from '../device.ts';
import type { MinerState } from '../miner-state.ts';
import type { Dialect, Model } from '../models.ts';
import { antminerDialects, antminerPage } from './antminer-stock.ts';
import { avalonDialects, avalonPage } from './avalon.ts';
import { ccminerDialects, ccminerPage } from './ccminer.ts';
import { genericDialects } from './generic-cgminer.ts';
import { whatsminerDialects } from './whatsminer.ts';

const dialects: Partial<Record<Dialect, RpcDialect>> = {
  ...antminerDialects,
  ...whatsminerDialects,
  ...avalonDialects,
  ...ccminerDialects,
  ...genericDialects,
};

/** How a model answers on port 4028. */
export function rpcDialect(model: Model): RpcDialect {
  const dialect = dialects[model.dialect];
  if (dialect === undefined) throw new Error(`no replies for the dialect ${model.dialect}`);
  return dialect;
}

/** A page of a model's web interface; null when there is none under that path. */
export type WebPages = (device: Device, state: MinerState, path: string) => string | null;

export interface Web {
  pages: WebPages;
  contentType: string;
  /** Digest realm; null = open to all. */
  realm: string | null;
  /** Of the user root; "root" unless the vendor thought of another. */
  password?: string;
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
    case 'hammer':
    case 'blackminer':
      return CCMINER;
    case 'volcminer':
      return { ...CCMINER, password: 'ltc@dog' };
    default:
      return null;
  }
}

/** Whether a model speaks API 3 on port 4433. */
export function speaksV3(model: Model): boolean {
  return model.dialect === 'whatsminer-v3';
}

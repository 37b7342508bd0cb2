import type { CapturedSet } from './captured-set.ts';

/**
 * What the web server of a family shows at `/`, where a set of web replies did not capture it: a scan
 * looks there first. From the vendors' pages, cut down to what identifies them. A 401 in the set
 * itself (digest realm) needs no entry.
 */
const ROOT_PAGES: Record<string, string> = {
  braiins: '<html><head><title>Braiins OS</title></head><body><div id="root"></div></body></html>',
  luxos: '<html><head><title>Luxor Firmware</title></head><body></body></html>',
  vnish: '<html><head><meta name="firmware" content="AnthillOS"></head><body></body></html>',
  avalon: '<html><head><title>Avalon Device</title></head><body></body></html>',
  ebang:
    '<html><body><form action="/user/login"><input name="username"><input name="word"><input name="yuyan"></form></body></html>',
  bitfury: '<html><head><title>OpenMiner</title></head><body></body></html>',
  baikal: '<html><head><title>Baikal Miner</title></head><body></body></html>',
  whatsminer:
    '<html><head><meta http-equiv="refresh" content="0; URL=/cgi-bin/luci" /></head>' +
    '<body><a href="/cgi-bin/luci">LuCI - Lua Configuration Interface</a></body></html>',
  bitaxe:
    '<!doctype html><html><head><title>AxeOS</title></head><body><app-root></app-root></body></html>',
  nerdqaxe:
    '<!doctype html><html><head><title>AxeOS</title></head><body><app-root></app-root></body></html>',
  goldshell: '<html><head><title></title></head><body><div id="cloud-box"></div></body></html>',
  iceriver: '<html><head><title>用户界面</title></head><body></body></html>',
  innosilicon: '<html><head><title>DragonMint Miner</title></head><body></body></html>',
  dragonmint: '<html><head><title>DragonMint Miner</title></head><body></body></html>',
  auradine: '<html><head><title>Miner UI</title></head><body></body></html>',
  sealminer: '<html><link rel="stylesheet" href="/css/amazeui.min.css"><body></body></html>',
  proto: '<html><head><title>Proto OS</title></head><body></body></html>',
};

export function rootPageOf(set: CapturedSet): string | null {
  return ROOT_PAGES[set.family] ?? null;
}

/** Realm of a digest challenge where the manifest says "digest" but not which. */
const REALMS: Record<string, string> = {
  mara: 'MaraFW',
  elphapex: 'Daoge Configuration',
  'antminer-stock': 'antMiner Configuration',
  hammer: 'blackMiner Configuration',
  volcminer: 'blackMiner Configuration',
  blackminer: 'blackMiner Configuration',
  strongu: 'stuMiner Configuration',
};

/** These ask for the password at `/` also where the captured pages were saved without one. */
const GUARDED = new Set(['hammer', 'volcminer', 'blackminer', 'strongu']);

export function guardsRoot(set: CapturedSet): boolean {
  return GUARDED.has(set.family);
}

/** Password of the web's `root` where it is not the usual one. */
const PASSWORDS: Record<string, string> = { volcminer: 'ltc@dog' };

export function passwordOf(set: CapturedSet): string {
  return PASSWORDS[set.family] ?? 'root';
}

export function realmOf(set: CapturedSet): string {
  for (const { note } of set.replies) {
    const realm = /realm[ =]*"([^"]+)"/i.exec(note)?.[1];
    if (realm !== undefined) return realm;
  }
  return REALMS[set.family] ?? set.family;
}

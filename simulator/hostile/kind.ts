import type { Socket } from 'node:net';

/** A device that says whatever may hurt its reader. It introduces itself honestly, so that it gets polled. */
export interface HostileKind {
  name: string;
  /** What it does, for people. */
  does: string;
  /** Where it listens: the cgminer API, or the web. */
  port: 4028 | 80;
  /** Its honest reply to `version` or `GET /`; null: hostile from the first byte, so that no scan can know it. */
  introduction: string | null;
  /** Everything else it is asked; the socket is its own. `request` is what was read first, as text. */
  misbehave: (socket: Socket, request: string) => void;
}

/** A stock machine as it introduces itself over 4028. */
const VERSION =
  '{"STATUS":[{"STATUS":"S","When":1700000000,"Code":22,"Msg":"BMMiner versions","Description":"bmminer 1.0.0"}],' +
  '"VERSION":[{"BMMiner":"1.0.0","API":"3.1","Miner":"49.0.1.3","CompileTime":"Mon Nov 22 09:41:07 UTC 2021","Type":"Antminer S19j Pro"}],"id":1}\0';

/** The same over the web: its realm tells whose it is. */
const CHALLENGE =
  'HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Digest realm="antMiner Configuration", nonce="5f1d7a", qop="auth"\r\n' +
  'Content-Length: 0\r\nConnection: close\r\n\r\n';

type Kind = Omit<HostileKind, 'port' | 'introduction'>;

export const overApi = (kind: Kind, introduction: string | null = VERSION): HostileKind => ({
  ...kind,
  port: 4028,
  introduction,
});

export const overWeb = (kind: Kind, introduction: string | null = CHALLENGE): HostileKind => ({
  ...kind,
  port: 80,
  introduction,
});

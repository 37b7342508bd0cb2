import type { Json } from '../lenient-json.ts';
import type { Identity, Reading } from '../reading.ts';
import type { Ask, HttpAsk } from './ask.ts';

/**
 * A miner family is data: what recognises it, what it is asked, and what its replies mean. Nothing
 * outside a family's folder knows its fields, and nothing inside opens a socket.
 */
export interface Family {
  /** Name of its folder; on the wire and in the inventory. */
  id: string;
  /** As the inventory spells the maker; null when the protocol does not tell. */
  make: string | null;
  /** Firmware product; null when the protocol does not tell. */
  product: string | null;
  recognise: Recognise;
  /** Other firmwares answer as this one, so its verdict waits for the other probes. */
  stock?: true;
  /** The vendor's default for the web server. */
  login?: Login;
  /** A port of its own, at which no scan knocks: port 80 shows whose it is. */
  readAt?: number;
  /** What is asked, by the port the device is known by. The first port that answers wins. */
  plans: ReadonlyMap<number, readonly Step[]>;
  /** Model without the make, from the model as the miner says it. */
  model?: (raw: string) => string | null;
  capabilities: readonly Capability[];
}

export interface Login {
  user: string;
  password: string;
}

/** Evidence, any of which is enough. Patterns on cgminer replies see the text in upper case. */
export interface Recognise {
  cgminer?: readonly RegExp[];
  /** Realm of a 401. */
  realm?: RegExp;
  /** Body of `GET /`. */
  page?: RegExp;
  /** Where `GET /` sends the browser. */
  location?: RegExp;
  /** A page that others show too needs a second look, at the replies of the first reading. */
  confirm?: (replies: Replies) => boolean;
  /** Ports on which the evidence needs that look; the web's alone unless said. */
  confirmOn?: readonly number[];
  /** A page that names the machine, asked for where `/` and 4028 said nothing. Needs no login. */
  knocks?: { at: HttpAsk; says: RegExp };
  /** Answers API v3 on 4433. */
  whatsminerV3?: true;
  /** Answers lines of JSON on 4111. */
  lines?: true;
}

/** One round of a conversation. */
export interface Step {
  ask: readonly Ask[];
  /** Try all of it as one joined request; what a device's firmware cannot join is asked singly. */
  join?: true;
  /** `hourly`: what hardly changes (versions, addresses), asked at first contact and then each hour. */
  every: 'poll' | 'hour';
  /** Skips the step; sees what has been answered so far. */
  when?: (replies: Replies) => boolean;
  /** An hourly step worth repeating at every poll on this device. */
  keepWhen?: (replies: Replies) => boolean;
}

/** The good replies of one conversation, by `replyName`. Error replies are not among them. */
export interface Replies {
  get: (name: string) => Json | undefined;
  has: (name: string) => boolean;
  /** What is known of this device from earlier conversations. */
  known: Identity;
  /** The hourly requests were made this time, so what is known may be replaced by lesser evidence. */
  hourly: boolean;
}

/** One thing a family can tell. `read` fills its fields and leaves unknown ones null. */
export interface Capability {
  name: string;
  /** Paths in a `Reading`, e.g. "hashrate.nowThs", "boards.chips"; a test holds them true. */
  fills: readonly string[];
  read: (replies: Replies, reading: Reading) => void;
}

/** Where a value is in the replies. */
export type Source = (replies: Replies) => Json | undefined;

export function makeReplies(
  entries: Iterable<[string, Json]>,
  known: Identity,
  hourly: boolean,
): Replies {
  const map = new Map(entries);
  return { get: (name) => map.get(name), has: (name) => map.has(name), known, hourly };
}

import type { DigestChallenge } from './transports/digest.ts';

/** What the agent learnt about one device and keeps between conversations, in memory only. */
export interface DeviceMemory {
  /** When the hourly requests were last made, ms since the epoch; null = never. */
  hourlyAt: number | null;
  /** Joined requests this firmware does not answer. */
  unjoinable: Set<string>;
  /** Replies this firmware does not have, and until when they are not asked again. */
  absent: Map<string, number>;
  /** Hourly steps worth repeating at every poll, by index in the plan. */
  kept: Set<number>;
  /** cgminer requests go as text: this firmware does not read JSON. */
  textMode: boolean;
  digest: { current: DigestChallenge | null };
  /** Sessions of the web server by the path of their login; "" where none was given. */
  sessions: Map<string, string>;
  /** When it last gave a reading, and when it was last identified, ms since the epoch; null = not by this process. */
  readAt: number | null;
  /** What it said then of how long it has been running, s. */
  uptimeS: number | null;
  identifiedAt: number | null;
  /** Ports seen open by the scan; null when the device was not scanned by this process. */
  openPorts: readonly number[] | null;
}

const KEY = 'device';

/** The device's memory inside `KnownMiner.memory`; made on first use. */
export function memoryOf(memory: Map<string, unknown>): DeviceMemory {
  const kept = memory.get(KEY) as DeviceMemory | undefined;
  if (kept) return kept;
  const fresh = emptyMemory();
  memory.set(KEY, fresh);
  return fresh;
}

export function emptyMemory(): DeviceMemory {
  return {
    hourlyAt: null,
    unjoinable: new Set(),
    absent: new Map(),
    kept: new Set(),
    textMode: false,
    digest: { current: null },
    sessions: new Map(),
    readAt: null,
    uptimeS: null,
    identifiedAt: null,
    openPorts: null,
  };
}

export function rememberDevice(device: DeviceMemory): Map<string, unknown> {
  return new Map([[KEY, device]]);
}

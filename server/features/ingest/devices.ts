import type { DiscoveredMiner, MinerSample } from '#contract/miner.ts';
import type { CheckedBatch } from './check-batch.ts';
import type { Identity } from './series-key.ts';

/** All that one batch says of one miner besides its measures. */
export interface Device extends Identity {
  key: string;
  /** When it was so. */
  seenAt: Date;
  /** Set when a scan found it. */
  found: DiscoveredMiner | null;
  manufacturer: string | null;
  model: string | null;
}

/**
 * The miners of a batch, each once, by series key: as the newest of its samples has it, completed by the scan.
 * `foundAt` is the time of the scan.
 */
export function devicesOf(batch: CheckedBatch, foundAt: Date): Map<string, Device> {
  const devices = new Map<string, Device>();
  for (const { key, mac, serial, ip, port, timeS, sample } of batch.samples) {
    const before = devices.get(key);
    if (before && before.seenAt.getTime() > timeS * 1000) continue;
    devices.set(key, {
      key,
      mac,
      serial,
      ip,
      port,
      seenAt: new Date(timeS * 1000),
      found: null,
      ...modelOf(sample),
    });
  }
  for (const { key, mac, serial, ip, port, found } of batch.discoveries) {
    const sampled = devices.get(key);
    if (sampled && sampled.seenAt > foundAt) {
      sampled.found = found;
      sampled.manufacturer ??= found.manufacturer ?? null;
      sampled.model ??= found.model ?? null;
    } else {
      devices.set(key, { key, mac, serial, ip, port, seenAt: foundAt, found, ...modelOf(found) });
    }
  }
  return devices;
}

function modelOf({ manufacturer = null, model = null }: MinerSample | DiscoveredMiner) {
  return { manufacturer, model };
}

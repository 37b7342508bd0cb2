import { wasCutShort } from './unknown-device.ts';
import type { UnknownDevice } from './unknown-device.ts';

/** What scans remember of devices they did not understand: a printer need not be asked every five minutes. */
export interface ScanMemory {
  /** The device as it was heard lately, if its open ports are still the same. */
  recall(host: string, openPorts: readonly number[], now: number): UnknownDevice | null;
  /** Keeps this scan's devices, and no others. True when there is something to tell about them. */
  remember(devices: readonly UnknownDevice[], now: number): boolean;
}

const KEPT_MS = 15 * 60 * 1_000;
const TOLD_MS = 60 * 60 * 1_000;
const MOST_KEPT = 200;

export function makeScanMemory(): ScanMemory {
  let kept = new Map<string, { device: UnknownDevice; heardAt: number }>();
  let told = '';
  let toldAt = -Infinity;
  return {
    recall(host, openPorts, now) {
      const found = kept.get(host);
      const isSame = found && String(found.device.openPorts) === String(openPorts);
      return isSame && now - found.heardAt < KEPT_MS ? found.device : null;
    },
    remember(devices, now) {
      kept = new Map(
        devices
          // One that was slow or busy may be a miner: it is asked again by the next scan.
          .filter((device) => !wasCutShort(device))
          .slice(0, MOST_KEPT)
          .map((device) => {
            const before = kept.get(device.host);
            return [device.host, before?.device === device ? before : { device, heardAt: now }];
          }),
      );
      const who = devices.map(({ host, openPorts }) => `${host} ${openPorts.join()}`).sort();
      const isNews = who.length > 0 && (String(who) !== told || now - toldAt >= TOLD_MS);
      if (isNews) toldAt = now;
      told = String(who);
      return isNews;
    },
  };
}

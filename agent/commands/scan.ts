import { writeFile } from 'node:fs/promises';
import { EXIT } from '../failure.ts';
import { SCAN_PORTS } from '../families/index.ts';
import { identify } from '../identify.ts';
import type { KnownMiner } from '../miner.ts';
import { addressOrder } from '../ranges.ts';
import { sweepSockets } from '../scan/open-files.ts';
import { scan } from '../scan/scan.ts';
import { heardFrom } from '../scan/unknown-device.ts';
import { unknownFileOf } from '../scan/unknown-file.ts';
import { makeTurns } from '../turns.ts';
import type { Command } from './command.ts';
import { print, printJson, progressLine, say as tell, table } from './terminal.ts';

/**
 * `hashyard-agent scan`: what is there. Exit 3 when something answered that was not understood; with `unknownTo` what
 * it said goes into that file, made anonymous.
 */
export const scanCommand =
  (unknownTo?: string): Command =>
  async ({ config, say, json, signal }) => {
    const progress = progressLine();
    const result = await scan({
      addresses: config.addresses,
      ports: SCAN_PORTS,
      sockets: sweepSockets(),
      identify,
      turns: makeTurns(),
      context: {
        signal,
        dial: (host, port) => ({ host, port }),
        credentials: config.credentials,
      },
      onProgress: ({ probed, open, identified }) =>
        progress.show(say.scanning(probed, open, identified)),
    }).finally(() => progress.clear());

    const miners = result.miners.toSorted((a, b) => addressOrder(a.host, b.host));
    if (json) {
      const { unknown_file: _, unknown_devices, ...report } = result.report;
      const heard = new Map(result.unknown.map(({ host, exchanges }) => [host, exchanges]));
      printJson({
        ...report,
        // All that was said, as it was said: for whoever stands in the site's network.
        unknown_devices: unknown_devices.map((device) =>
          Object.assign(device, { exchanges: heard.get(device.ip_address) ?? [] }),
        ),
        miners: miners.map(({ host, port, family, identity }) => ({
          host,
          port,
          family,
          identity,
        })),
        unreachable: result.unreachable,
        duration_ms: Math.round(result.totalMs),
      });
    } else {
      const { columnAddress, columnMake, columnModel, columnFirmware, columnMac, columnFamily } =
        say;
      print(
        table(
          [columnAddress, columnMake, columnModel, columnFirmware, columnMac, columnFamily],
          miners.map(rowOf),
        ),
      );
      if (result.unknown.length > 0) {
        print(`\n${say.notUnderstood}`);
        for (const device of result.unknown) {
          print(`${device.host}  ${device.openPorts.join(',')}  ${heardFrom(device) ?? '-'}`);
        }
        if (unknownTo === undefined) tell(say.unknownHint);
      }
      tell(say.scanSummary({ ...result.report, seconds: (result.totalMs / 1000).toFixed(1) }));
    }
    if (unknownTo !== undefined) {
      const file = unknownFileOf(result.unknown, new Date());
      await writeFile(unknownTo, `${JSON.stringify(file, null, 2)}\n`, { mode: 0o600 });
      tell(say.unknownWritten(file.devices.length, unknownTo));
    }
    return result.unknown.length > 0 ? EXIT.partly : EXIT.ok;
  };

function rowOf({ host, family, identity }: KnownMiner): string[] {
  const firmware = [identity.firmware, identity.firmwareVersion].filter(Boolean).join(' ');
  return [
    host,
    identity.make ?? '-',
    identity.model ?? '-',
    firmware || '-',
    identity.mac?.replaceAll(/(..)(?=.)/g, '$1:') ?? '-',
    family,
  ];
}

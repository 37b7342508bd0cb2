import { AgentFailure, EXIT } from '../failure.ts';
import { memoryOf } from '../device.ts';
import { familyById, SCAN_PORTS } from '../families/index.ts';
import { identify } from '../identify.ts';
import type { Exchange, MinerContext } from '../miner.ts';
import type { Json } from '../lenient-json.ts';
import { missingIn, provenanceOf } from '../provenance.ts';
import type { Told } from '../provenance.ts';
import { planAddresses } from '../ranges.ts';
import { readMiner } from '../read.ts';
import { emptyReading } from '../reading.ts';
import { makeHosts } from '../scan/hosts.ts';
import { sweep } from '../scan/sweep.ts';
import type { Command } from './command.ts';
import { complain, print, printJson, scaledRate, table } from './terminal.ts';

/**
 * `hashyard-agent probe <ip>`: by what the miner was recognised, every value with its unit and where it came from, what was
 * missing, and each request with its time.
 * Exit 1 when it gave no reading, 3 when the reading is partial.
 */
export function probeCommand(address: string): Command {
  return async ({ config, say, json, signal }) => {
    const plan = planAddresses({ networks: [address], allow: config.allow });
    const [host = '', ...others] = [...plan.addresses()];
    if (others.length > 0) throw new AgentFailure((messages) => messages.rangeBad(address));
    const context: MinerContext = {
      signal,
      dial: (to, port) => ({ host: to, port }),
      credentials: config.credentials,
    };
    const hosts = makeHosts({ addresses: [host], ports: SCAN_PORTS, expected: new Set([host]) });
    for (let probes = hosts.due(); probes.length > 0; probes = hosts.due()) {
      await sweep({
        probes,
        sockets: 2,
        signal,
        onOutcome: (probe, outcome) => hosts.record(probe.host, probe.port, outcome),
      });
    }
    const openPorts = hosts.takeSettled()[0]?.openPorts ?? [];
    if (openPorts.length === 0) {
      if (json) printJson({ host, open_ports: [], identified: false });
      complain(say.probeSilent(host));
      return EXIT.failed;
    }
    const found = await identify(host, openPorts, context);
    if (found.kind === 'unknown') {
      if (json) {
        printJson({ host, open_ports: openPorts, identified: false, exchanges: found.exchanges });
      } else {
        print(exchangeTable(say.asked, found.exchanges));
      }
      complain(say.probeUnknown(host, openPorts.join(', ')));
      return EXIT.failed;
    }
    const { miner, evidence } = found;
    const family = familyById(miner.family)!;
    // Everything is asked, also what a poll asks only once an hour.
    memoryOf(miner.memory).hourlyAt = null;
    const result = await readMiner(miner, context);
    const exchanges = [...found.exchanges, ...result.exchanges];
    const { replies = new Map<string, Json>() } = result.reachable ? result : {};
    const told = result.reachable
      ? provenanceOf(family, replies, emptyReading().identity, result.reading)
      : [];
    const missing = result.reachable ? missingIn(family, result.reading) : [];
    if (json) {
      const { replies: _, ...rest } = result.reachable ? result : { ...result, replies: null };
      printJson({
        host,
        open_ports: openPorts,
        identified: true,
        port: miner.port,
        family: miner.family,
        evidence,
        identity: miner.identity,
        ...rest,
        exchanges,
        fields: told,
        missing,
      });
    } else {
      print(`${say.probeFamily} ${miner.family} (${host}:${miner.port})`);
      for (const one of evidence) print(`  ${one}`);
      const { columnField, columnValue, columnUnit, columnFrom } = say;
      const rows = told.map((one) => {
        const { value, unit } = shown(one);
        return [one.field, value, unit, one.from.join(' · ')];
      });
      print(`\n${table([columnField, columnValue, columnUnit, columnFrom], rows)}`);
      if (missing.length > 0) print(`\n${say.notReported}: ${missing.join(', ')}`);
      if (result.reachable) for (const each of result.reading.quality.problems) print(`! ${each}`);
      print(`\n${exchangeTable(say.asked, exchanges)}`);
    }
    if (!result.reachable) {
      complain(say.probeFailed(host, result.reason, result.detail));
      return EXIT.failed;
    }
    return result.reading.quality.partial ? EXIT.partly : EXIT.ok;
  };
}

/** Conversions of units are not exact in binary. */
function shown({ value, unit }: Told): { value: string; unit: string } {
  if (typeof value !== 'number') return { value: String(value), unit: unit ?? '' };
  if (unit !== 'TH/s') return { value: String(Number(value.toPrecision(10))), unit: unit ?? '' };
  const scaled = scaledRate(value);
  return { value: String(scaled.value), unit: scaled.unit };
}

function exchangeTable(title: string, exchanges: readonly Exchange[]): string {
  const rows = exchanges.map(({ request, durationMs, reply, error }) => [
    request,
    `${Math.round(durationMs)} ms`,
    error ?? `${reply?.length ?? 0} B`,
  ]);
  return `${title}\n${table(['', '', ''], rows).split('\n').slice(1).join('\n')}`;
}

import { AgentFailure, EXIT } from '../failure.ts';
import { SCAN_PORTS } from '../families/index.ts';
import { identify } from '../identify.ts';
import type { Exchange, MinerContext } from '../miner.ts';
import { planAddresses } from '../ranges.ts';
import { readMiner } from '../read.ts';
import { makeHosts } from '../scan/hosts.ts';
import { sweep } from '../scan/sweep.ts';
import type { Command } from './command.ts';
import { complain, print, printJson, table } from './terminal.ts';

/**
 * `hashyard-agent probe <ip>`: everything one miner says, and each request with its answer.
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
    const { miner } = found;
    const result = await readMiner(miner, context);
    const exchanges = [...found.exchanges, ...result.exchanges];
    if (json) {
      printJson({
        host,
        open_ports: openPorts,
        identified: true,
        port: miner.port,
        family: miner.family,
        identity: miner.identity,
        ...result,
        exchanges,
      });
    } else {
      const facts = result.reachable
        ? {
            family: miner.family,
            ...result.reading,
            identity: { ...miner.identity, ...real(result.reading.identity) },
          }
        : { family: miner.family, identity: miner.identity };
      print(lines(facts, say.notReported).join('\n'));
      print(`\n${exchangeTable(say.asked, exchanges)}`);
    }
    if (!result.reachable) {
      complain(say.probeFailed(host, result.reason, result.detail));
      return EXIT.failed;
    }
    return result.reading.quality.partial ? EXIT.partly : EXIT.ok;
  };
}

function real<T extends object>(shape: T): Partial<T> {
  return Object.fromEntries(
    Object.entries(shape).filter(([, value]) => value !== null),
  ) as Partial<T>;
}

/** `thermal.chipMaxC  71.5`, one line a fact. */
function lines(facts: object, notReported: string): string[] {
  const rows: string[][] = [];
  function walk(value: unknown, path: string): void {
    if (value === null || value === undefined) rows.push([path, notReported]);
    else if (typeof value === 'string') rows.push([path, value]);
    else if (typeof value !== 'object' || isPlainList(value))
      rows.push([path, JSON.stringify(value)]);
    else
      for (const [key, inner] of Object.entries(value)) walk(inner, path ? `${path}.${key}` : key);
  }
  walk(facts, '');
  const width = Math.max(0, ...rows.map(([path = '']) => path.length));
  return rows.map(([path = '', text = '']) => `${path.padEnd(width)}  ${text}`);
}

const isPlainList = (value: object): boolean =>
  Array.isArray(value) && value.every((item) => typeof item !== 'object');

function exchangeTable(title: string, exchanges: readonly Exchange[]): string {
  const rows = exchanges.map(({ request, durationMs, reply, error }) => [
    request,
    `${Math.round(durationMs)} ms`,
    error ?? `${reply?.length ?? 0} B`,
  ]);
  return `${title}\n${table(['', '', ''], rows).split('\n').slice(1).join('\n')}`;
}

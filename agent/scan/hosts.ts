import type { Outcome } from './connect.ts';
import type { Probe } from './sweep.ts';

/** First answer wanted from every address: the cgminer API and the web page. */
const FIRST_PORTS = [4028, 80] as const;

const FIRST_MS = 700;
/** For a host known to be there: it is slow, or a packet was lost. */
const PATIENT_MS = 1500;
/**
 * For a host that has said nothing at all. This catches a lost SYN, not a slow host (the first question
 * waited twice as long), so that a range full of silence costs a quarter more and not twice as much.
 */
const SECOND_MS = 350;

/** What one address has said so far. */
interface HostState {
  host: string;
  outcomes: Map<number, Outcome>;
  retried: Set<number>;
}

/**
 * Decides which port to ask next, from what the hosts have said. Every silent port is asked at most twice,
 * and one port's silence never ends a host.
 */
export interface Hosts {
  /** The probes due now; none: all is known. */
  due(): Probe[];
  record(host: string, port: number, outcome: Outcome): void;
  /** Hosts with open ports that need no further question, each given once. */
  takeSettled(): { host: string; openPorts: number[] }[];
  counts(): { open: number; refused: number; silent: number; unreachable: number };
}

/**
 * `expected`: addresses where a miner answered before; their silence is doubted longest.
 * `ports`: everything to try on a host that lives but has no cgminer API.
 */
export function makeHosts(options: {
  addresses: readonly string[];
  ports: readonly number[];
  expected: ReadonlySet<string>;
}): Hosts {
  const states = new Map<string, HostState>();
  for (const host of options.addresses) {
    states.set(host, { host, outcomes: new Map(), retried: new Set() });
  }
  const laterPorts = options.ports.filter((port) => port !== 4028 && port !== 80);
  const open = new Set<HostState>(states.values());

  const isAlive = ({ outcomes }: HostState): boolean =>
    outcomes.values().some((outcome) => outcome === 'open' || outcome === 'refused');

  function questions(state: HostState): Probe[] {
    const { host, outcomes, retried } = state;
    const ask = (port: number, timeoutMs: number): Probe => ({ host, port, timeoutMs });
    if (outcomes.size === 0) return FIRST_PORTS.map((port) => ask(port, FIRST_MS));
    if (!isAlive(state)) {
      if (retried.size > 0 || !outcomes.values().some((outcome) => outcome === 'silent')) return [];
      return [ask(4028, options.expected.has(host) ? PATIENT_MS : SECOND_MS)];
    }
    const ports = outcomes.get(4028) === 'open' ? FIRST_PORTS : [...FIRST_PORTS, ...laterPorts];
    return ports.flatMap((port) => {
      const outcome = outcomes.get(port);
      if (outcome === undefined) return [ask(port, FIRST_MS)];
      return outcome === 'silent' && !retried.has(port) ? [ask(port, PATIENT_MS)] : [];
    });
  }

  return {
    due() {
      const asked = [...open].map((state) => questions(state));
      const most = asked.reduce((longest, probes) => Math.max(longest, probes.length), 0);
      const probes: Probe[] = [];
      // Port by port, not host by host: the two first questions to a silent host lie seconds apart,
      // so that one burst of loss does not swallow both.
      for (let index = 0; index < most; index += 1) {
        for (const list of asked) {
          const probe = list[index];
          if (probe) probes.push(probe);
        }
      }
      return probes;
    },
    record(host, port, outcome) {
      const state = states.get(host);
      if (!state) return;
      if (state.outcomes.has(port)) state.retried.add(port);
      state.outcomes.set(port, outcome);
    },
    takeSettled() {
      const settled: { host: string; openPorts: number[] }[] = [];
      for (const state of open) {
        if (questions(state).length > 0) continue;
        open.delete(state);
        const openPorts = [...state.outcomes].flatMap(([port, said]) =>
          said === 'open' ? [port] : [],
        );
        if (openPorts.length > 0) settled.push({ host: state.host, openPorts });
      }
      return settled;
    },
    counts() {
      const counts = { open: 0, refused: 0, silent: 0, unreachable: 0 };
      for (const { outcomes } of states.values()) {
        const said = new Set(outcomes.values());
        if (said.has('open')) counts.open += 1;
        else if (said.has('refused')) counts.refused += 1;
        else if (said.has('silent') || said.size === 0) counts.silent += 1;
        else counts.unreachable += 1;
      }
      return counts;
    },
  };
}

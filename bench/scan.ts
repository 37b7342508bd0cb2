import { execFile, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const execute = promisify(execFile);
const AGENT = fileURLToPath(new URL('../agent/main.ts', import.meta.url));
const SIMULATOR = fileURLToPath(new URL('../simulator/main.ts', import.meta.url));

// The simulator lives in 127.0.0.0/8; inside the namespace that is a network like any other.
const RANGE = '127.64.0.0/18';
const SCANNER = '127.78.0.1';
const PORTS = 2;
const SOCKETS = 1024;
const TIMEOUT_S = 0.7;
const TARGET_RATIO = 1.4;

export interface ScanBenchResult {
  addresses: number;
  miners: number;
  found: number;
  unknown: number;
  seconds: number;
  /** addresses × ports ÷ sockets × timeout. */
  sweepFloorSeconds: number;
  /** A scan of the live addresses alone: identification with hardly any sweep. */
  identifySeconds: number;
  ratio: number;
  ok: boolean;
}

interface ScanOutput {
  addresses: number;
  identified: number;
  unknown: number;
  duration_ms: number;
}

/**
 * Scans a /18 in a network namespace whose silent addresses really drop packets: an interface
 * with nothing behind it swallows what is sent to them, and the live miners are local addresses. Needs root and `ip`; returns null
 * and says so on `print` without them.
 */
export async function run(
  options: { miners?: number; seed?: number; print?: (line: string) => void } = {},
): Promise<ScanBenchResult | null> {
  const {
    miners = 1500,
    seed = 1,
    print = (line) => void process.stdout.write(`${line}\n`),
  } = options;
  if (process.getuid?.() !== 0) {
    print('scan: left out, network namespaces need root');
    return null;
  }
  const namespace = `hashyard-scan-${process.pid}`;
  try {
    await execute('ip', ['netns', 'add', namespace]);
  } catch (error) {
    print(`scan: left out, no network namespaces here (${(error as Error).message.trim()})`);
    return null;
  }
  let farm: ChildProcess | null = null;
  try {
    const inside = (...command: string[]): Promise<unknown> =>
      execute('ip', ['netns', 'exec', namespace, ...command]);
    await inside('ip', 'link', 'set', 'lo', 'up');
    await inside('ip', 'link', 'add', 'swallow', 'type', 'veth', 'peer', 'name', 'drain');
    await inside('ip', 'link', 'set', 'drain', 'up');
    // Without ARP every packet leaves at once, into nothing: silence, not "host unreachable".
    await inside('ip', 'link', 'set', 'swallow', 'arp', 'off', 'up');
    await inside('ip', 'route', 'del', 'local', '127.0.0.0/8', 'dev', 'lo', 'table', 'local');
    await inside('sysctl', '-qw', 'net.ipv4.conf.all.route_localnet=1');
    await inside('ip', 'addr', 'add', `${SCANNER}/32`, 'dev', 'lo');
    await inside('ip', 'route', 'add', RANGE, 'dev', 'swallow', 'src', SCANNER);
    // The simulator binds before its addresses exist; only those it chose become local.
    await inside('sysctl', '-qw', 'net.ipv4.ip_nonlocal_bind=1');

    const simulator = ['--range', RANGE, '--miners', String(miners), '--seed', String(seed)];
    farm = spawn('ip', ['netns', 'exec', namespace, process.execPath, SIMULATOR, ...simulator], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const live = await addressesOf(farm);
    await addAddresses(namespace, live);

    const alone = await scanIn(namespace, live);
    const whole = await scanIn(namespace, [RANGE]);
    const result = judge(whole, alone, live.length);
    for (const line of report(result)) print(line);
    return result;
  } finally {
    if (farm && farm.exitCode === null && farm.signalCode === null) {
      farm.kill('SIGTERM');
      await once(farm, 'exit');
    }
    await execute('ip', ['netns', 'delete', namespace]);
  }
}

/** All in one go: a process for each would take longer than the scan. */
async function addAddresses(namespace: string, addresses: readonly string[]): Promise<void> {
  const adding = execute('ip', ['-n', namespace, '-batch', '-']);
  adding.child.stdin?.end(addresses.map((address) => `addr add ${address}/32 dev lo\n`).join(''));
  await adding;
}

/** The simulator's addresses, from the one line it prints when it is ready. */
async function addressesOf(farm: ChildProcess): Promise<string[]> {
  if (!farm.stdout) throw new Error('the simulator has no stdout');
  for await (const line of createInterface({ input: farm.stdout })) {
    const { miners } = JSON.parse(line) as { miners: { ip: string }[] };
    return [...new Set(miners.map(({ ip }) => ip))];
  }
  throw new Error('the simulator ended before it was ready');
}

async function scanIn(namespace: string, ranges: readonly string[]): Promise<ScanOutput> {
  const command = [
    process.execPath,
    AGENT,
    'scan',
    '--json',
    '--allow',
    'loopback,large',
    '--network',
    ranges.join(','),
  ];
  return new Promise((resolve, reject) => {
    execFile(
      'ip',
      ['netns', 'exec', namespace, ...command],
      { maxBuffer: 64 * 1024 * 1024 },
      (error, stdout) => {
        // Exit 3: something answered that is no miner; the simulator has such devices.
        if (error && error.code !== 3) reject(error);
        else resolve(JSON.parse(stdout) as ScanOutput);
      },
    );
  });
}

function judge(whole: ScanOutput, alone: ScanOutput, live: number): ScanBenchResult {
  const sweepFloorSeconds = ((whole.addresses * PORTS) / SOCKETS) * TIMEOUT_S;
  const identifySeconds = alone.duration_ms / 1000;
  const seconds = whole.duration_ms / 1000;
  const ratio = seconds / (sweepFloorSeconds + identifySeconds);
  const found = whole.identified + whole.unknown;
  return {
    addresses: whole.addresses,
    miners: live,
    found,
    unknown: whole.unknown,
    seconds,
    sweepFloorSeconds,
    identifySeconds,
    ratio,
    ok: found === live && ratio <= TARGET_RATIO,
  };
}

const report = (result: ScanBenchResult): string[] => [
  `scan: ${result.addresses} addresses, ${result.found} of ${result.miners} live hosts found (${result.unknown} of them not understood) in ${result.seconds.toFixed(2)} s`,
  `scan: floor ${result.sweepFloorSeconds.toFixed(2)} s sweep (${result.addresses} × ${PORTS} ÷ ${SOCKETS} × ${TIMEOUT_S} s) + ${result.identifySeconds.toFixed(2)} s identification`,
  `scan: ratio ${result.ratio.toFixed(2)} (target ≤ ${TARGET_RATIO}) ${result.ok ? 'ok' : 'MISSED'}`,
];

import { mkdir, statfs, unlink } from 'node:fs/promises';
import { statSync } from 'node:fs';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { infoAnswer } from '#contract/agent.ts';
import type { AgentConfig } from '../config.ts';
import { EXIT } from '../failure.ts';
import type { ExitCode } from '../failure.ts';
import type { Messages } from '../messages.ts';
import { writeDurably } from '../queue/durable.ts';
import { QUEUE_LIMITS } from '../queue/queue.ts';
import { readMiner } from '../read.ts';
import { openRoster } from '../roster.ts';
import { connectServer } from '../uplink/post.ts';
import type { Command } from './command.ts';
import { print, printJson, scaledRate, sizeText } from './terminal.ts';
import { wayTo } from './routes.ts';

/** One line of the doctor's report. */
interface Finding {
  check: 'config' | 'mode' | 'key' | 'server' | 'clock' | 'range' | 'miner' | 'queue' | 'disk';
  ok: boolean;
  text: string;
  remedy: string | null;
  exit?: ExitCode;
}

const MOST_SKEW_S = 30;

/** `hashyard-agent check`: each ✓ or ✗ with its remedy. Exit 69 server unreachable, 77 key refused. */
export const check: Command = async ({ config, say, json, signal }) => {
  const findings: Finding[] = [
    finding('config', true, say.checkConfig(config.file ?? say.checkNoFile)),
    ...checkMode(config, say),
    finding('key', config.apiKey !== null, say.checkKey, say.checkKeyRemedy),
    ...(config.apiKey === null ? [] : await checkServer(config, config.apiKey, say, signal)),
    ...config.addresses.ranges.map((range) => checkRange(range, config, say)),
    ...(await checkMiner(config, say, signal)),
    ...(await checkQueue(config, say)),
  ];
  if (json) printJson({ ok: findings.every(({ ok }) => ok), findings });
  else for (const each of findings) print(lineOf(each));
  const failed = findings.filter(({ ok }) => !ok);
  if (failed.length === 0) return EXIT.ok;
  return failed.find(({ exit }) => exit !== undefined)?.exit ?? EXIT.failed;
};

const finding = (
  kind: Finding['check'],
  ok: boolean,
  text: string,
  remedy: string | null = null,
): Finding => ({ check: kind, ok, text, remedy: ok ? null : remedy });

const lineOf = ({ ok, text, remedy }: Finding): string =>
  `${ok ? '✓' : '✗'} ${text}${remedy === null ? '' : `\n  → ${remedy}`}`;

function checkMode({ file }: AgentConfig, say: Messages): Finding[] {
  if (file === null || process.platform === 'win32') return [];
  const ok = (statSync(file).mode & 0o077) === 0;
  return [finding('mode', ok, say.checkMode, say.checkModeRemedy(file))];
}

async function checkServer(
  config: AgentConfig,
  apiKey: string,
  say: Messages,
  signal: AbortSignal,
): Promise<Finding[]> {
  const url = config.serverUrl;
  const server = connectServer({ url, apiKey });
  try {
    const began = Date.now();
    const answer = await server.info(signal);
    const middle = (began + Date.now()) / 2;
    if (answer.status === 401 || answer.status === 403) {
      const refused = finding('server', false, say.checkKeyRefused, say.checkKeyRefusedRemedy);
      return [{ ...refused, exit: EXIT.keyRefused }];
    }
    const info = infoAnswer.safeParse(parsed(answer.body));
    if (answer.status !== 200 || !info.success) {
      const odd = say.checkServerOdd(url, answer.status);
      return [
        { ...finding('server', false, odd, say.checkServerOddRemedy), exit: EXIT.unreachable },
      ];
    }
    const known = finding('server', true, say.checkServer(url, info.data.name));
    if (answer.date === null) return [known];
    // The Date header counts whole seconds: on average half a second has gone by.
    const skewS = Math.round((middle - Date.parse(answer.date) - 500) / 1000);
    const inTime = Math.abs(skewS) <= MOST_SKEW_S;
    return [known, finding('clock', inTime, say.checkClock(skewS), say.checkClockRemedy)];
  } catch (error) {
    signal.throwIfAborted();
    const why = (error as NodeJS.ErrnoException).code ?? (error as Error).message;
    const down = say.checkServerDown(url, why);
    return [
      { ...finding('server', false, down, say.checkServerDownRemedy), exit: EXIT.unreachable },
    ];
  } finally {
    await server.close();
  }
}

function checkRange(range: string, config: AgentConfig, say: Messages): Finding {
  const way = wayTo(range);
  const { count } = config.addresses;
  if (way === null) {
    return finding(
      'range',
      false,
      say.checkRange(range, count, say.checkNoRoute),
      say.checkNoRouteRemedy,
    );
  }
  let text = '';
  if (way) {
    text =
      way.gateway === null
        ? say.checkDirect(way.interface)
        : say.checkGateway(way.interface, way.gateway);
  }
  return finding('range', true, say.checkRange(range, count, text).trimEnd());
}

/** One of the miners that the agent has found before, read as a poll would: not always the same one. */
async function checkMiner(
  config: AgentConfig,
  say: Messages,
  signal: AbortSignal,
): Promise<Finding[]> {
  const { queueDir: dir, addresses, credentials } = config;
  const roster = await openRoster({ dir, includes: (address) => addresses.includes(address) });
  const miners = roster.miners();
  const miner = miners[Math.floor(Math.random() * miners.length)];
  if (!miner) return [finding('miner', true, say.checkNoMiner)];
  const result = await readMiner(miner, {
    signal,
    dial: (host, port) => ({ host, port }),
    credentials,
  });
  const { host, identity, family } = miner;
  const name = [identity.make, identity.model].filter(Boolean).join(' ') || family;
  if (!result.reachable) {
    const why = `${result.reason}: ${result.detail}`;
    return [
      finding('miner', false, say.checkMinerSilent(host, name, why), say.checkMinerRemedy(host)),
    ];
  }
  const { nowThs } = result.reading.hashrate;
  const { value, unit } = scaledRate(nowThs ?? 0);
  const rate = nowThs === null ? '–' : `${Number(value.toPrecision(4))} ${unit}`;
  return [
    finding('miner', true, say.checkMiner(host, name, rate, result.durationMs, miners.length)),
  ];
}

async function checkQueue({ queueDir }: AgentConfig, say: Messages): Promise<Finding[]> {
  const trial = join(queueDir, 'tmp', `check-${randomUUID()}`);
  try {
    await mkdir(join(queueDir, 'tmp'), { recursive: true, mode: 0o700 });
    await writeDurably(trial, 'trial', join(queueDir, 'tmp'));
    await unlink(trial);
  } catch (error) {
    const why = (error as NodeJS.ErrnoException).code ?? String(error);
    return [finding('queue', false, say.checkQueueBad(queueDir, why), say.checkQueueRemedy)];
  }
  const isOwn = process.platform === 'win32' || (statSync(queueDir).mode & 0o077) === 0;
  const { bavail, blocks, bsize } = await statfs(queueDir);
  const wanted = Math.min(QUEUE_LIMITS.minFreeBytes, blocks * bsize * QUEUE_LIMITS.minFreeShare);
  const free = bavail * bsize;
  return [
    finding('queue', true, say.checkQueue(queueDir)),
    finding('mode', isOwn, say.checkQueueMode, `chmod 700 ${queueDir}`),
    finding(
      'disk',
      free >= wanted,
      say.checkDisk(sizeText(free, say.sizeUnits)),
      say.checkDiskRemedy,
    ),
  ];
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

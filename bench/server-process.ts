import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** As the server is started in production (package.json, Dockerfile). */
const START_OPTIONS = ['--max-semi-space-size=16'];

/** The server as in production, on a free port, with databases of this run alone. Throws when it ends before it listens. */
export async function startServerProcess(
  databaseUrl: string,
  influx: { url: string; user: string; password: string },
  nodeOptions: string[] = [],
) {
  const main = fileURLToPath(new URL('../server/main.ts', import.meta.url));
  const child = spawn(process.execPath, [...START_OPTIONS, ...nodeOptions, main, 'serve'], {
    env: {
      PATH: process.env['PATH'],
      DATABASE_URL: databaseUrl,
      INFLUX_URL: influx.url,
      INFLUX_USER: influx.user,
      INFLUX_PASSWORD: influx.password,
      PORT: '0',
      LOG_LEVEL: 'info',
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const url = await urlOf(child);
  child.stdout?.resume();
  return {
    url,
    peakRssMb: () => {
      const status = readFileSync(`/proc/${child.pid}/status`, 'utf8');
      return Math.round(Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? Number.NaN) / 1024);
    },
    stop: async () => {
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      await ended;
    },
  };
}

/** The address in the server's log line that says it listens. */
async function urlOf(child: ChildProcess): Promise<string> {
  if (!child.stdout) throw new Error('the server has no output');
  for await (const line of createInterface({ input: child.stdout })) {
    const found = /https?:\/\/127\.0\.0\.1:\d+/.exec(line);
    if (found && line.includes('isten')) return found[0];
  }
  throw new Error('the server ended before it listened');
}

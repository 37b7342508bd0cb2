import { createServer } from 'node:net';
import { once } from 'node:events';
import { pino } from 'pino';
import { migrationStatus } from '../../migrations/migrate.ts';
import type { ServerConfig } from '../config.ts';
import { ensureDatabases } from '../influx/databases.ts';
import { openInflux } from '../influx/open-influx.ts';
import type { Influx } from '../influx/influx.ts';
import { openPostgres } from '../resources/postgres.ts';
import { CommandError, configFor, explain, type Terminal } from './command.ts';

/** A measurement of its own, so that no dashboard sees what a check writes. */
const MEASUREMENT = 'hashyard_check';

/**
 * Tries everything the server stands on, one line each with what to do; as the server would, it creates the
 * InfluxDB databases that are missing. Resolves whether all is well; an unreadable configuration is a line too.
 */
export async function check(terminal: Terminal): Promise<boolean> {
  const { say, out } = terminal;
  let well = true;
  const line = (what: string, ok: boolean, text: string) => {
    well &&= ok;
    out(`${(ok ? say.checkOk : say.checkFail).padEnd(5)} ${what}${text ? `: ${text}` : ''}`);
  };

  let config: ServerConfig;
  try {
    config = configFor(terminal);
    line(say.checkConfig, true, '');
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    line(say.checkConfig, false, error.message);
    return false;
  }
  /** Resolves whether it went well; a failure nobody can explain is a bug and thrown. */
  const attempt = async (what: string, work: () => Promise<string>): Promise<boolean> => {
    try {
      line(what, true, await work());
      return true;
    } catch (error) {
      const sentence = explain(error, config, say);
      if (sentence === undefined) throw error;
      line(what, false, sentence);
      return false;
    }
  };

  const log = pino({ level: 'silent' });
  const sql = openPostgres(config.databaseUrl, log, { max: 1 });
  const influx = openInflux(config.influx, log);
  try {
    const reached = await attempt(say.checkPostgres, async () => {
      const [row] = await sql`show server_version`;
      return String(row?.['server_version']);
    });
    if (reached) {
      await attempt(say.checkMigrations, async () => {
        const { applied, pending } = await migrationStatus(sql);
        if (pending.length > 0) throw new CommandError(say.pendingMigrations(pending.join(', ')));
        return applied.at(-1)?.name ?? '';
      });
    }
    const prepared = await attempt(say.checkInflux, async () => {
      await ensureDatabases(config.influx, log);
      return (await influx.ping()).version;
    });
    if (prepared) {
      for (const database of [config.influx.database, config.influx.rollupDatabase]) {
        await attempt(say.checkRights(database), () => writeAndRead(influx, database, terminal));
      }
    }
    await attempt(say.checkPort, () => tryPort(config, terminal));
  } finally {
    await Promise.all([sql.end({ timeout: 1 }), influx.close()]);
  }
  return well;
}

async function writeAndRead(influx: Influx, database: string, { say }: Terminal): Promise<string> {
  const now = Math.floor(Date.now() / 1000);
  await influx.write(database, [`${MEASUREMENT} value=1 ${now}`]);
  const series = await influx.query(
    database,
    `SELECT "value" FROM "${MEASUREMENT}" WHERE time = ${now}s`,
  );
  if (series.length === 0) throw new CommandError(say.notReadBack);
  return '';
}

/** A port that our own server already holds is as good as a free one. */
async function tryPort(config: ServerConfig, { say }: Terminal): Promise<string> {
  const where = `${config.host}:${config.port}`;
  const probe = createServer();
  try {
    probe.listen(config.port, config.host);
    await once(probe, 'listening');
    return where;
  } catch (error) {
    if (await answersAsHashyard(where)) return say.portOurs(where);
    throw error;
  } finally {
    probe.close();
  }
}

async function answersAsHashyard(where: string): Promise<boolean> {
  try {
    const answer = await fetch(`http://${where}/openapi.json`, {
      signal: AbortSignal.timeout(2_000),
    });
    return (await answer.text()).includes('"title":"Hashyard"');
  } catch {
    return false;
  }
}

import { InfluxError, type Influx } from './influx.ts';

/** A line of line protocol, the time in it, and what it was made of. */
export interface Line<Source> {
  text: string;
  /** Epoch seconds; must be the timestamp in `text`. */
  timeS: number;
  source: Source;
}

/** Lines InfluxDB will never take, and what it said. */
export interface RefusedLines<Source> {
  lines: Line<Source>[];
  reason: string;
}

const DAY_S = 86_400;
const MAX_LINES = 5_000;
/** Requests one batch may cost; a batch with more bad lines than that can find loses its halves whole. */
const MAX_REQUESTS = 64;

/**
 * Stores every line that InfluxDB takes, each request awaited, at most 5,000 lines of one UTC day each
 * (a request that touches several days costs InfluxDB a shard each, and fails as a whole when one is gone).
 * A refused request is halved until each bad line stands alone; lines stored twice overwrite themselves.
 * Returns the refused lines. Throws `InfluxError` 'unavailable' or 'misconfigured', and `signal.reason`
 * when aborted between requests: the batch must then be sent again as a whole.
 */
export async function writeBatch<Source>(
  influx: Influx,
  database: string,
  lines: readonly Line<Source>[],
  signal?: AbortSignal,
): Promise<RefusedLines<Source>[]> {
  const refused: RefusedLines<Source>[] = [];
  const parts = [...partsOf(lines)];
  let requests = 0;
  /** Parts that are still to be sent once, whatever becomes of the others. */
  let owed = parts.length;

  const write = async (part: readonly Line<Source>[]): Promise<void> => {
    signal?.throwIfAborted();
    requests++;
    owed--;
    try {
      await influx.write(
        database,
        part.map((line) => line.text),
      );
    } catch (error) {
      if (!(error instanceof InfluxError)) throw error;
      if (error.kind !== 'rejected' && error.kind !== 'too_large') throw error;
      if (part.length === 1 || requests + owed + 2 > MAX_REQUESTS) {
        refused.push({ lines: [...part], reason: error.message });
        return;
      }
      owed += 2;
      const half = Math.ceil(part.length / 2);
      await write(part.slice(0, half));
      await write(part.slice(half));
    }
  };

  for (const part of parts) await write(part);
  return refused;
}

/** At most 5,000 lines of one UTC day each. */
function* partsOf<Source>(lines: readonly Line<Source>[]): Generator<readonly Line<Source>[]> {
  for (const day of Map.groupBy(lines, (line) => Math.floor(line.timeS / DAY_S)).values()) {
    for (let start = 0; start < day.length; start += MAX_LINES) {
      yield day.slice(start, start + MAX_LINES);
    }
  }
}

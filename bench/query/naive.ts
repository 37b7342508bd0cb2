/**
 * What one would ask of the raw samples for the same picture, without rollups, views or care: for each panel of Fleet and
 * Site, by its number. `@` is the condition of time (and site), `#` the interval.
 */
const perMiner = (fields: string) =>
  `(SELECT ${fields} FROM "miner" WHERE @ GROUP BY time(#), "site", "miner" fill(none))`;
const count = (column: string, aggregate: string, condition: string) =>
  `SELECT count("${column}") FROM ${perMiner(aggregate)} WHERE @ AND ${condition} GROUP BY time(#)`;
const newest = (fields: string) => `SELECT ${fields} FROM "miner" WHERE @ GROUP BY "site", "miner"`;
const last = (...fields: string[]) => newest(fields.map((field) => `last("${field}")`).join(', '));

export const NAIVE: Record<number, readonly string[]> = {
  1: [last('hashrate_ths', 'expected_ths')],
  2: [last('hashrate_ths', 'expected_ths')],
  3: [last('up', 'mining', 'hashrate_ths', 'expected_ths')],
  4: [last('power_w', 'hashrate_ths')],
  11: [
    `SELECT sum("h"), sum("e") FROM ${perMiner('mean("hashrate_ths") AS "h", mean("expected_ths") AS "e"')} WHERE @ GROUP BY time(#)`,
  ],
  12: [
    count('h', 'mean("hashrate_ths") AS "h"', '"h" > 0'),
    count('h', 'mean("hashrate_ths") AS "h", 0.9 * mean("expected_ths") AS "l"', '"h" < "l"'),
    count('h', 'max("hashrate_ths") AS "h"', '"h" = 0'),
    count('u', 'max("up") AS "u"', '"u" = 0'),
  ],
  13: [`SELECT sum("p") FROM ${perMiner('mean("power_w") AS "p"')} WHERE @ GROUP BY time(#)`],
  14: [
    'SELECT sum("power_w") / sum("hashrate_ths") FROM "miner" WHERE @ AND "power_w" > 0 AND "hashrate_ths" > 0 GROUP BY time(#)',
  ],
  15: [
    'SELECT max("temp_chip_c"), percentile("temp_chip_c", 90), percentile("temp_chip_c", 50) FROM "miner" WHERE @ GROUP BY time(#)',
  ],
  16: [
    `SELECT sum("e") - sum("h") FROM ${perMiner('mean("hashrate_ths") AS "h", mean("expected_ths") AS "e"')} WHERE @ GROUP BY time(#)`,
  ],
  17: [
    `SELECT percentile("p", 10), percentile("p", 50), percentile("p", 90) FROM ${perMiner('100 * mean("hashrate_ths") / mean("expected_ths") AS "p"')} WHERE @ GROUP BY time(#)`,
  ],
  21: [last('temp_chip_c', 'temp_c', 'fan_rpm')],
  22: [last('hashrate_ths', 'expected_ths', 'mining')],
  23: [last('up', 'mining', 'hashrate_ths', 'expected_ths', 'temp_chip_c', 'boards')],
  24: [
    'SELECT count("step") FROM (SELECT difference("uptime_s") AS "step" FROM "miner" WHERE @ GROUP BY "miner") WHERE @ AND "step" < 0 GROUP BY "miner"',
  ],
  31: [last('up', 'mining', 'hashrate_ths', 'expected_ths', 'power_w', 'temp_chip_c')],
  32: [
    `SELECT sum("h"), sum("e") FROM ${perMiner('mean("hashrate_ths") AS "h", mean("expected_ths") AS "e"')} WHERE @ GROUP BY time(#)`,
  ],
  41: [
    last(
      'up',
      'mining',
      'hashrate_ths',
      'expected_ths',
      'power_w',
      'temp_chip_c',
      'temp_c',
      'fan_rpm',
      'uptime_s',
    ),
  ],
  51: [last('up', 'mining', 'hashrate_ths', 'expected_ths', 'power_w', 'temp_chip_c')],
};

/** How the samples come in, read off the samples themselves: every panel of Pipeline, and the agents of a site. */
export const NAIVE_ARRIVALS = ['SELECT count("up") FROM "miner" WHERE @ GROUP BY time(#), "site"'];

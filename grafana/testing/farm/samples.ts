import { CAST, SLEEPS_SINCE, type Role } from './cast.ts';

/** A sample of a miner as stored: `key` and `model` are the tags. Absent: not reported. */
export interface Sample {
  role: Role;
  key: string;
  model: string;
  timeS: number;
  fields: Readonly<Record<string, number>>;
}

const HOUR_S = 3600;
const DAY_S = 86_400;

/** Each minute for 26 hours, each hour for 30 days, noon (UTC) for 400 days; whole minutes, `endS` the last. */
export function slots(endS: number): number[] {
  const minutesFrom = Math.floor(endS / HOUR_S) * HOUR_S - 26 * HOUR_S;
  const hoursFrom = minutesFrom - 29 * DAY_S;
  const all: number[] = [];
  for (
    let day = Math.floor(hoursFrom / DAY_S) - 370;
    day * DAY_S + DAY_S / 2 < hoursFrom;
    day += 1
  ) {
    all.push(day * DAY_S + DAY_S / 2);
  }
  for (let t = hoursFrom; t < minutesFrom; t += HOUR_S) all.push(t);
  for (let t = minutesFrom; t <= endS; t += 60) all.push(t);
  return all;
}

/** In order of time. */
export function samplesOf(endS: number): Sample[] {
  return slots(endS).flatMap((timeS) =>
    CAST.flatMap((role, index) => {
      const minutesAgo = (endS - timeS) / 60;
      if (role.agent === 'sleeper' && minutesAgo < SLEEPS_SINCE) return [];
      const [newest, older] = role.keys;
      return [
        {
          role,
          key: older !== undefined && minutesAgo >= 24 * 60 ? older : newest,
          model: `${role.manufacturer} ${role.model}`.toLowerCase().replaceAll(' ', '-'),
          timeS,
          fields: fieldsAt(role, index, timeS, minutesAgo),
        },
      ];
    }),
  );
}

const DAYS_UP = 500;

function fieldsAt(role: Role, index: number, timeS: number, minutesAgo: number): Sample['fields'] {
  if (role.offlineSince !== undefined && minutesAgo < role.offlineSince) return { up: 0 };
  const wave = Math.sin(timeS / 7000 + index);
  const restarted = role.restartedAt !== undefined && minutesAgo <= role.restartedAt;
  const uptimeS = restarted
    ? ((role.restartedAt ?? 0) - minutesAgo) * 60 + 30
    : (DAYS_UP * 24 * 60 - minutesAgo) * 60;
  const shares = Math.floor(uptimeS / 6);
  const rejected = Math.floor((shares * role.rejectedPer1000) / 1000);
  const hashrate = round(role.hashrateThs * (1 + 0.02 * wave), 5);
  return {
    up: 1,
    mining: role.mining === false ? 0 : 1,
    hashrate_ths: hashrate,
    hashrate_avg_ths: round(role.hashrateThs, 5),
    ...(role.expectedThs === null ? {} : { expected_ths: role.expectedThs }),
    ...(role.powerW === null
      ? {}
      : { power_w: round(role.powerW + 20 * wave, 1), power_limit_w: 3600 }),
    ...(role.chipC === null
      ? {}
      : {
          temp_chip_c: round(role.chipC + wave, 1),
          temp_c: round(role.chipC + wave, 1),
          temp_board_c: round(role.chipC - 10 + wave, 1),
          temp_env_c: 25,
        }),
    ...(role.fans === null
      ? {}
      : {
          fan_rpm: Math.max(...role.fans),
          fan_min_rpm: Math.min(...role.fans),
          ...Object.fromEntries(role.fans.map((rpm, slot) => [`fan${slot + 1}_rpm`, rpm])),
        }),
    accepted: role.mining === false ? 0 : shares - rejected,
    rejected: role.mining === false ? 0 : rejected,
    stale: 0,
    hw_errors: Math.floor(uptimeS / 300),
    uptime_s: uptimeS,
    boards: role.boards,
  };
}

export function round(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}

import type { Fragment, ISql } from 'postgres';

/** An agent is silent when it has missed three polls, but not before: one lost request is no news. */
const MIN_SILENCE_S = 180;
const MISSED_POLLS = 3;
/** An agent that claims to poll once a day does not thereby stay alive for three. */
const MAX_SILENCE_S = 3 * 3600;
/** How much older than the agent's last word its samples may be: their times come from the agent's own clock. */
export const CLOCK_MARGIN_S = 600;

/**
 * SQL, of the agent in the table `agents`: seconds of silence that are still normal. Old agents do not say how
 * often they poll; their default is 60 s.
 */
export function patience(sql: ISql): Fragment {
  return sql`least(greatest(
    ${MISSED_POLLS} * coalesce((agents.report #>> '{cycle,interval_s}')::float8, 60), ${MIN_SILENCE_S}),
    ${MAX_SILENCE_S}) * interval '1 second'`;
}

/** SQL boolean: the agent (joined as `agents`, perhaps absent) has not been heard of for too long. */
export function agentSilent(sql: ISql, now: Date): Fragment {
  return sql`coalesce(agents.last_seen_at < ${now}::timestamptz - ${patience(sql)}, true)`;
}

/** SQL boolean: the newest sample (joined as `latest`, perhaps absent) is too old to speak of now. */
export function sampleStale(sql: ISql, now: Date): Fragment {
  return sql`coalesce(
    latest.at < ${now}::timestamptz - ${patience(sql)} - ${CLOCK_MARGIN_S} * interval '1 second', true)`;
}

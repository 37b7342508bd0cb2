/**
 * Every threshold and duration of the alerts. After a change: "npm run grafana:build", and Grafana is restarted.
 * `for` is how long it must have been so without a pause before somebody is told.
 */
export const ALERTS = {
  /** An agent that was heard of before, beyond the silence that is normal for it (three polls, 3 minutes at least). */
  agentSilent: { for: '2m' },
  /** Hashrate of a site's miners, silent agents' left out, as a share of what is expected of them. */
  siteLow: { belowPercent: 90, for: '15m' },
  /** More miners of a site than this do not answer: one alert for the site instead of one for each. */
  siteOutage: { miners: 10, percent: 20, for: '5m' },
  minerOffline: { minutes: 10, for: '2m' },
  /** A miner that is meant to hash, as a share of what is expected of it. */
  hashrateLow: { belowPercent: 75, for: '15m' },
  chipHot: { celsius: 95, for: '5m' },
  /** At 0 while the miner hashes, or faster than any fan turns. */
  fan: { impossibleRpm: 15_000, for: '5m' },
  boardMissing: { for: '15m' },
  /** Of all shares of a site within the hour. */
  rejectedHigh: { percent: 2, for: '15m' },
  poolOutside: { for: '5m' },
  /** Batches an agent holds more than half an hour ago: with one a minute, 30 mean that none is delivered. */
  backlogGrowing: { batches: 20, for: '10m' },
  /** Items set aside within an hour. */
  quarantineGrowing: { items: 10, for: '5m' },
  databaseAway: { for: '3m' },
} as const satisfies Record<string, { for: string } & Record<string, number | string>>;

/** When a group of alerts is sent: after this, again when it has changed, again when nothing has. */
export const NOTIFY = { wait: '30s', changed: '5m', repeat: '12h' } as const;

/**
 * Times in which nobody is told of a site's alerts, by the site's name. `times` are Grafana's time intervals, e.g.
 * `{ weekdays: ['tuesday'], times: [{ start_time: '09:00', end_time: '12:00' }] }`, in UTC. What comes unplanned is muted by
 * hand: a silence with `site_name` = the site.
 */
export interface Maintenance {
  site: string;
  times: readonly {
    weekdays?: readonly string[];
    days_of_month?: readonly string[];
    times?: readonly { start_time: string; end_time: string }[];
  }[];
}
export const MAINTENANCE: readonly Maintenance[] = [];

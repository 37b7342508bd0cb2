import { TO_AGENT, TO_SITE } from '../../parts/links.ts';
import { table } from '../../parts/tables.ts';
import { rows } from '../../parts/targets.ts';
import {
  anyIsWorthALook,
  clockError,
  cycleShare,
  noneIsGood,
  silence,
} from '../../parts/thresholds.ts';
import { CHOSEN_SITES } from '../../parts/variables.ts';

/** The agents of the chosen sites, the one silent longest first. */
export function agentsTable(id: number) {
  return table({
    id,
    title: 'Agents',
    description:
      'What each agent says of itself with its batches, and what the server keeps for it. "Cycle": how long its last poll took, as a ' +
      'share of the time between two polls too. "Held": batches on its disk, not delivered yet, and the age of the oldest. "Lost": ' +
      'samples it had to drop. "Line": its name in the charts. A click leads to the agent in the admin page.',
    size: [24, 8],
    noValue: 'No agent here: register one in the admin page.',
    columns: {
      agent_id: { hidden: true },
      scope: { hidden: true },
      Agent: { link: TO_AGENT, width: 150 },
      Site: { link: TO_SITE, minWidth: 100 },
      Line: { minWidth: 75 },
      'Last sync': { unit: 'dateTimeFromNow', width: 130 },
      Silent: { unit: 's', decimals: 0, thresholds: silence() },
      Cycle: { unit: 'ms', decimals: 1 },
      'Of interval': { unit: 'percent', decimals: 0, thresholds: cycleShare() },
      Answered: { decimals: 0 },
      'Held since': { unit: 's', decimals: 0 },
      'Held size': { unit: 'bytes', decimals: 1 },
      'Clock error': { unit: 'ms', decimals: 0, thresholds: clockError() },
      Lost: { decimals: 0, thresholds: noneIsGood() },
      Quarantine: { decimals: 0, thresholds: anyIsWorthALook() },
      Refused: { decimals: 0, thresholds: anyIsWorthALook() },
      Pending: { decimals: 0, thresholds: anyIsWorthALook() },
    },
    targets: [
      rows(
        `SELECT id::text AS agent_id, scope, name AS "Agent", 'agent-' || id AS "Line", site AS "Site", version AS "Version", last_seen_at AS "Last sync",
           greatest(silence_s - patience_s, 0) AS "Silent", cycle_ms::float8 AS "Cycle", 0.1 * cycle_ms::float8 / interval_s AS "Of interval",
           cycle_miners AS "Miners", cycle_reachable AS "Answered", backlog_batches::float8 AS "Held",
           extract(epoch FROM now() - backlog_oldest::timestamptz)::float8 AS "Held since", backlog_bytes AS "Held size",
           clock_error_ms AS "Clock error", gap_samples AS "Lost", quarantine_held AS "Quarantine", refused AS "Refused", pending AS "Pending"
         FROM grafana.agents WHERE ${CHOSEN_SITES} AND is_active
         ORDER BY silence_s DESC NULLS FIRST, name`,
      ),
    ],
  });
}

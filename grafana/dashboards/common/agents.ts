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
      'What each agent says of itself with its batches, and what the server keeps for it. "Line": its name in the charts. "Silent": beyond ' +
      'the silence that is normal for it. "Cycle": how long its last poll took, as a share of the time between two polls too. "Held", "Size", ' +
      '"Oldest": batches on its disk, not delivered yet. "Clock": its clock minus the server\'s. "Lost": samples it had to drop. "Set aside": ' +
      'items in quarantine. "Refused": syncs the server did not take. A click leads to the agent in the admin page.',
    size: [24, 8],
    noValue: 'No agent here: register one in the admin page.',
    columns: {
      agent_id: { hidden: true },
      scope: { hidden: true },
      Agent: { link: TO_AGENT, width: 130 },
      Line: { minWidth: 75 },
      Site: { link: TO_SITE, minWidth: 95 },
      'Last sync': { unit: 'dateTimeFromNow', width: 140 },
      Silent: { unit: 's', decimals: 0, thresholds: silence() },
      Cycle: { unit: 'ms', decimals: 1 },
      'Cycle %': { unit: 'percent', decimals: 0, minWidth: 75, thresholds: cycleShare() },
      Answered: { minWidth: 85 },
      Oldest: { unit: 's', decimals: 0 },
      Size: { unit: 'bytes', decimals: 1, minWidth: 80 },
      Clock: { unit: 'ms', decimals: 0, minWidth: 75, thresholds: clockError() },
      Lost: { decimals: 0, thresholds: noneIsGood() },
      'Set aside': { decimals: 0, minWidth: 80, thresholds: anyIsWorthALook() },
      Refused: { decimals: 0, minWidth: 75, thresholds: anyIsWorthALook() },
    },
    targets: [
      rows(
        `SELECT id::text AS agent_id, scope, name AS "Agent", 'agent-' || id AS "Line", site AS "Site", version AS "Version", last_seen_at AS "Last sync",
           greatest(silence_s - patience_s, 0) AS "Silent", cycle_ms::float8 AS "Cycle", 0.1 * cycle_ms::float8 / interval_s AS "Cycle %",
           cycle_reachable || ' of ' || cycle_miners AS "Answered", backlog_batches::float8 AS "Held", backlog_bytes AS "Size",
           extract(epoch FROM now() - backlog_oldest::timestamptz)::float8 AS "Oldest", clock_error_ms AS "Clock", gap_samples AS "Lost",
           quarantine_held AS "Set aside", refused AS "Refused"
         FROM grafana.agents WHERE ${CHOSEN_SITES} AND is_active
         ORDER BY silence_s DESC NULLS FIRST, name`,
      ),
    ],
  });
}

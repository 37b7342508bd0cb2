import { aggregate, growth } from '../../parts/influxql.ts';
import { lines } from '../../parts/panels.ts';
import type { Field } from '../../parts/samples.ts';
import { series, type Target } from '../../parts/targets.ts';
import { NOTHING_NOTED, OF_SITES, sumOfAgents } from './of-agents.ts';

const KEPT = 'Of the last 30 days.';

/** A line for each agent; the server notes what it knows of each every minute, also while the agent is silent. */
function perAgent(expression: string): Target {
  return series(
    {
      fields: { value: expression },
      from: 'agent',
      where: OF_SITES,
      per: 'interval',
      tags: ['agent'],
      fill: 'null',
    },
    '$tag_agent',
  );
}
const highest = (field: Field) => perAgent(aggregate('max', field));

export const agentsOverTime = [
  lines({
    id: 11,
    title: 'Silence',
    description: `Seconds since each agent was last heard of: a saw while it speaks, a slope while it does not. ${KEPT}`,
    size: [12, 8],
    unit: 's',
    noValue: NOTHING_NOTED,
    targets: [highest('silence_s')],
  }),
  lines({
    id: 12,
    title: 'Age of the oldest sample held',
    description: `How far behind each agent's delivery is; 0 when it holds nothing. As it last said. ${KEPT}`,
    size: [12, 8],
    unit: 's',
    noValue: NOTHING_NOTED,
    targets: [highest('backlog_age_s')],
  }),
  lines({
    id: 13,
    title: 'Held on the agents',
    description: `Size of the batches each agent has not delivered yet. ${KEPT}`,
    size: [8, 8],
    unit: 'bytes',
    noValue: NOTHING_NOTED,
    targets: [highest('backlog_bytes')],
  }),
  lines({
    id: 14,
    title: 'Poll cycle',
    description: `How long the last poll of all its miners took each agent. ${KEPT}`,
    size: [8, 8],
    unit: 'ms',
    noValue: NOTHING_NOTED,
    targets: [highest('cycle_ms')],
  }),
  lines({
    id: 15,
    title: 'Clock error',
    description: `Each agent's clock minus the server's; the times of its samples are corrected by it. ${KEPT}`,
    size: [8, 8],
    unit: 'ms',
    min: null,
    noValue: NOTHING_NOTED,
    targets: [perAgent(aggregate('mean', 'clock_error_ms'))],
  }),
  lines({
    id: 16,
    title: 'Samples lost',
    description: `Samples each agent had to drop, by the moment it said so. ${KEPT}`,
    size: [8, 8],
    unit: 'none',
    noValue: NOTHING_NOTED,
    targets: [perAgent(growth('gap_samples'))],
  }),
  lines({
    id: 17,
    title: 'Miners asked and answering',
    description: `Miners in the last poll of all agents, and those of them that answered. ${KEPT}`,
    size: [8, 8],
    unit: 'none',
    noValue: NOTHING_NOTED,
    targets: [
      sumOfAgents({
        Asked: aggregate('mean', 'cycle_miners'),
        Answered: aggregate('mean', 'cycle_reachable'),
      }),
    ],
  }),
  lines({
    id: 18,
    title: 'Scan coverage',
    description: `What the last scans found: miners, devices that answered and were not understood, addresses that refused. ${KEPT}`,
    size: [8, 8],
    unit: 'none',
    noValue: NOTHING_NOTED,
    targets: [
      sumOfAgents({
        Identified: aggregate('last', 'scan_identified'),
        'Not understood': aggregate('last', 'scan_unknown'),
        Refused: aggregate('last', 'scan_refused'),
      }),
    ],
  }),
];

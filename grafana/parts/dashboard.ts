import type { Builder } from '@grafana/grafana-foundation-sdk/cog';
import {
  DashboardBuilder,
  DashboardCursorSync,
  RowBuilder,
  TimePickerBuilder,
  type Panel,
  type VariableModel,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { TAG, toAdmin, toOtherDashboards, type UIDS } from './links.ts';
import { adminVariable, resolutionVariables } from './variables.ts';

export interface Section {
  /** For ever, like the ids of panels. */
  id: number;
  title: string;
  panels: readonly Builder<Panel>[];
}

export interface DashboardSpec {
  title: string;
  uid: (typeof UIDS)[keyof typeof UIDS];
  description: string;
  /** Start of the range shown at first, e.g. "now-6h". */
  from: string;
  variables: readonly Builder<VariableModel>[];
  /** Page of the admin UI that shows the same. */
  adminPath: string;
  sections: readonly Section[];
}

/** What all dashboards have in common; the panels of a section flow from left to right below its title. */
export function dashboard(spec: DashboardSpec): DashboardBuilder {
  const built = new DashboardBuilder(spec.title)
    .uid(spec.uid)
    .description(spec.description)
    .tags([TAG])
    .readonly()
    .tooltip(DashboardCursorSync.Crosshair)
    .time({ from: spec.from, to: 'now' })
    // Within a minute of its slot a sample has arrived; before, the newest sums would lack some miners.
    .timepicker(new TimePickerBuilder().nowDelay('1m'))
    .refresh('1m')
    .link(toOtherDashboards())
    .link(toAdmin(spec.adminPath));
  for (const variable of [...spec.variables, ...resolutionVariables(), adminVariable()]) {
    built.withVariable(variable);
  }
  for (const section of spec.sections) {
    built.withRow(new RowBuilder(section.title).id(section.id));
    for (const panel of section.panels) built.withPanel(panel);
  }
  return built;
}

import type { Verdict } from '../oracle/verdict.ts';
import type { Rig } from './rig.ts';
import { until } from './until.ts';

const STEP_S = 60;
/** Ticks of a rig's sites begin so long ago, so that none of them reaches the future however long a row lasts. */
const HISTORY_S = 20 * 86_400;

/** Adds sites 1 to `count`, each tick of which stands for a minute. */
export async function addSites(
  rig: Rig,
  {
    count,
    ...of
  }: { count: number; miners: number; tickMs: number; fast?: { polls: number; tickMs: number } },
): Promise<void> {
  const firstS = (Math.floor(Date.now() / 1000 / STEP_S) - HISTORY_S / STEP_S) * STEP_S;
  for (let site = 1; site <= count; site += 1) {
    await rig.addSite({ site, ...of, stepS: STEP_S, firstS });
  }
}

/** Faults are over: every site must still poll, and deliver all it holds. Then the oracle judges. */
export async function settle(rig: Rig): Promise<Verdict> {
  const before = rig.sites.map((site) => site.newestS());
  await until('two more polls of each site', 20_000, () =>
    rig.sites.every((site, index) => site.newestS() >= (before[index] ?? 0) + 2 * STEP_S),
  );
  await Promise.all(rig.sites.map((site) => site.quiet()));
  await rig.drained();
  return rig.oracle.judge();
}

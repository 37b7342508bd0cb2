/** What the oracle finds when faults have stopped. Samples unless said otherwise. */
export interface Verdict {
  /** On some agent's disk for good, as it said itself. */
  kept: number;
  /** Points in InfluxDB that some agent attempted. */
  stored: number;
  /** In quarantine. */
  quarantined: number;
  /** Still in an agent's queue. */
  held: number;
  /** Named in gaps, by agents that had to drop them. */
  inGaps: number;
  /** Batches delivered more than once. */
  duplicateDeliveries: number;

  /** Kept, and neither stored nor quarantined nor held nor within a gap. */
  lost: number;
  /** Points of one miner at one second beyond the first. */
  doubled: number;
  /** Points nobody attempted. */
  phantom: number;
  /** Points with another value than the truth. */
  altered: number;
  /** Rows of the inventory that are not those of the miner's newest sample. */
  stale: number;
  /** Up to ten findings in words. */
  findings: string[];
}

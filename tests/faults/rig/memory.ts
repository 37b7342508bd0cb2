export interface MemoryWatch extends Disposable {
  /** Of every look so far. */
  readonly looksMb: readonly number[];
  peakMb(): number;
}

/** Looks at the memory of a process five times a second; `rssMb` says 0 while it does not run. */
export function watchMemory(rssMb: () => number): MemoryWatch {
  const looksMb: number[] = [];
  const timer = setInterval(() => looksMb.push(rssMb()), 200);
  return {
    looksMb,
    peakMb: () => Math.max(0, ...looksMb),
    [Symbol.dispose]: () => clearInterval(timer),
  };
}

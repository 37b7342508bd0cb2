import { compileTime } from '../antminer-stock/dialects.ts';
import {
  chainPower,
  chainWatts,
  FORK_STEPS,
  forkCapabilities,
  forkModel,
  hostnameOfPages,
  macOfPages,
  PAGE_STEPS,
  totals,
} from '../bitmain-fork.ts';
import { power } from '../capabilities.ts';
import type { Family, Step } from '../family.ts';

export const hiveon: Family = {
  id: 'hiveon',
  make: 'AntMiner',
  product: 'Hiveon',
  recognise: {
    // Its miner process carries "rwglr", too, as MSKMiner's does.
    cgminer: [/HIVEON/],
    page: /hiveon/i,
  },
  login: { user: 'root', password: 'root' },
  model: forkModel,
  plans: new Map<number, readonly Step[]>([[4028, [...FORK_STEPS, ...PAGE_STEPS]]]),
  capabilities: [
    ...forkCapabilities({
      firmwareVersion: compileTime,
      model: forkModel,
      board: chainPower,
      mac: macOfPages,
      hostname: hostnameOfPages,
      boardFields: ['powerW', 'voltageV'],
    }),
    power(['watts', 'source'], (replies) => {
      const watts = chainWatts(totals(replies));
      return watts === null ? {} : { watts, source: 'estimate' };
    }),
  ],
};

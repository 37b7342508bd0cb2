import { emptyReading } from '../reading.ts';
import type { Reading } from '../reading.ts';
import type { Family, Replies } from './family.ts';

/**
 * What the replies say, by the family's capabilities. Pure: no clock, no sockets. A capability that
 * throws costs its own fields and leaves a line in `quality.problems`.
 */
export function decode(family: Family, replies: Replies): Reading {
  const reading = emptyReading();
  for (const capability of family.capabilities) {
    try {
      capability.read(replies, reading);
    } catch (error) {
      reading.quality.problems.push(
        `${capability.name}: ${error instanceof Error ? error.message : String(error)}`,
      );
    }
  }
  completeIdentity(family, replies, reading);
  completeThermal(reading);
  return reading;
}

/** What this conversation did not tell is as it was: identity does not change between polls. */
function completeIdentity(family: Family, replies: Replies, reading: Reading): void {
  const { identity } = reading;
  const { known } = replies;
  identity.make ??= family.make ?? known.make;
  identity.firmware ??= family.product ?? known.firmware;
  for (const field of Object.keys(identity) as (keyof typeof identity)[]) {
    identity[field] ??= known[field];
  }
  if (identity.modelRaw !== null) {
    identity.model = family.model ? family.model(identity.modelRaw) : identity.modelRaw;
  }
}

function completeThermal(reading: Reading): void {
  const hottest = (pick: 'chipTempsC' | 'boardTempsC') => {
    const all = reading.boards.flatMap((board) => board[pick]);
    return all.length > 0 ? Math.max(...all) : null;
  };
  reading.thermal.chipMaxC ??= hottest('chipTempsC');
  reading.thermal.boardMaxC ??= hottest('boardTempsC');
}

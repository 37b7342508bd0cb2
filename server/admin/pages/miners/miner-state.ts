import type { MinerState } from '../../data/fleet.ts';
import type { UnreachableReason } from '#contract/miner.ts';
import type { Translate } from '../../i18n/messages.ts';
import type { Tone } from '../../parts/state-badge.tsx';

export const MINER_TONES: Record<MinerState, Tone> = {
  hashing: 'good',
  degraded: 'warn',
  idle: 'idle',
  offline: 'bad',
  unknown: 'unknown',
};

/** Why the server puts a miner that answers, or of which nothing is known, in its state. */
type Verdict =
  | 'agent_silent'
  | 'no_sample'
  | 'not_mining'
  | 'no_hashrate'
  | 'hashrate_not_reported'
  | 'below_expected';
type Reason = UnreachableReason | Verdict;

const REASON_WORDS: Record<Reason, `reason.${Reason}`> = {
  refused: 'reason.refused',
  timeout: 'reason.timeout',
  unreachable: 'reason.unreachable',
  reset: 'reason.reset',
  empty: 'reason.empty',
  not_understood: 'reason.not_understood',
  auth: 'reason.auth',
  agent_silent: 'reason.agent_silent',
  no_sample: 'reason.no_sample',
  not_mining: 'reason.not_mining',
  no_hashrate: 'reason.no_hashrate',
  hashrate_not_reported: 'reason.hashrate_not_reported',
  below_expected: 'reason.below_expected',
};
const isReason = (text: string): text is Reason => Object.hasOwn(REASON_WORDS, text);

/** A reason in words; one this page does not know as it came. */
export function reasonInWords(reason: unknown, t: Translate): string {
  if (typeof reason !== 'string') return '';
  return isReason(reason) ? t(REASON_WORDS[reason]) : reason;
}

/** Why a miner is in its state, in words. A reason this page does not know is shown as it came. */
export function whyOf(miner: { state: MinerState; reason: string | null }, t: Translate): string {
  if (miner.reason === null) return t(`why.${miner.state}`);
  if (isReason(miner.reason)) return t(REASON_WORDS[miner.reason]);
  return `${t(`why.${miner.state}`)} (${miner.reason})`;
}

import type { Miner } from '../../data/miners.ts';
import { useWords } from '../../i18n/words.tsx';
import { StateBadge } from '../../parts/state-badge.tsx';
import { MINER_TONES, whyOf } from './miner-state.ts';

/** A miner's state, and why in the tooltip. One that is retired has none. */
export function MinerBadge({ miner }: { miner: Pick<Miner, 'state' | 'reason' | 'retired_at'> }) {
  const { t } = useWords();
  if (miner.retired_at !== null) return <StateBadge tone="idle">{t('miners.retired')}</StateBadge>;
  return (
    <StateBadge tone={MINER_TONES[miner.state]} why={whyOf(miner, t)}>
      {t(`state.${miner.state}`)}
    </StateBadge>
  );
}

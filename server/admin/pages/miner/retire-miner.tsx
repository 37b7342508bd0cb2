import { useRestoreMiner, useRetireMiner, type MinerDetail } from '../../data/miner.ts';
import { useWords } from '../../i18n/words.tsx';
import { Confirm } from '../../parts/confirm.tsx';

/** Takes a miner out of service, or back into it. */
export function RetireMiner({ miner, onClose }: { miner: MinerDetail; onClose: () => void }) {
  const { t } = useWords();
  const retire = useRetireMiner(miner.id);
  const restore = useRestoreMiner(miner.id);
  const retired = miner.retired_at !== null;
  return (
    <Confirm
      title={t(retired ? 'miner.restoreTitle' : 'miner.retireTitle', { name: miner.name })}
      action={t(retired ? 'miner.restore' : 'miner.retire')}
      change={retired ? restore : retire}
      onClose={onClose}
    >
      <p>{t(retired ? 'miner.restoreWhat' : 'miner.retireWhat')}</p>
    </Confirm>
  );
}

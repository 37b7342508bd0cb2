import type { Miner } from '../../data/miners.ts';
import type { Words } from '../../i18n/words.tsx';
import { Ago } from '../../parts/ago.tsx';
import { StateBadge } from '../../parts/state-badge.tsx';
import type { Column } from '../../parts/table.tsx';
import { firmwareOf, modelOf, type MinerColumn } from './miner-list.ts';
import { MINER_TONES, whyOf } from './miner-state.ts';

/** What a miner calls itself: text, cut short where it is long, whole in the tooltip. */
const foreign = (text: string | null) => (
  <span className="foreign" title={text ?? undefined}>
    {text ?? '—'}
  </span>
);

/** The columns of the miner table. */
export function minerColumns({ t, format }: Words): (Column<Miner> & { id: MinerColumn })[] {
  return [
    {
      id: 'state',
      title: t('miners.state'),
      cell: (miner) => (
        <StateBadge tone={MINER_TONES[miner.state]} why={whyOf(miner, t)}>
          {t(`state.${miner.state}`)}
        </StateBadge>
      ),
    },
    { id: 'name', title: t('miners.name'), cell: (miner) => foreign(miner.name) },
    { id: 'address', title: t('miners.address'), cell: (miner) => miner.ip_address },
    { id: 'site', title: t('miners.site'), cell: (miner) => foreign(miner.site_name) },
    { id: 'model', title: t('miners.model'), cell: (miner) => foreign(modelOf(miner)) },
    { id: 'firmware', title: t('miners.firmware'), cell: (miner) => foreign(firmwareOf(miner)) },
    {
      id: 'hashrate',
      title: t('miners.hashrate'),
      align: 'end',
      cell: (miner) => <Hashrate miner={miner} words={{ t, format }} />,
    },
    {
      id: 'temperature',
      title: t('miners.temperature'),
      align: 'end',
      cell: (miner) => format.temperature(miner.temperature),
    },
    {
      id: 'fans',
      title: t('miners.fans'),
      align: 'end',
      cell: (miner) => format.fan(miner.fan_speed),
    },
    {
      id: 'power',
      title: t('miners.power'),
      align: 'end',
      cell: (miner) => format.power(miner.power_consumption),
    },
    {
      id: 'answered',
      title: t('miners.answered'),
      align: 'end',
      cell: (miner) =>
        miner.answered_at === null ? t('miners.neverAnswered') : <Ago at={miner.answered_at} />,
    },
  ];
}

function Hashrate(props: { miner: Miner; words: Pick<Words, 't' | 'format'> }) {
  const { hash_rate: rate, expected_hash_rate: expected } = props.miner;
  const { t, format } = props.words;
  if (expected === null || expected <= 0) return <>{format.hashrate(rate)}</>;
  return (
    <span className="of">
      <b>{format.hashrateIn(rate, expected)}</b>{' '}
      <span className="muted">
        {t('miners.hashrateOf', { expected: format.hashrate(expected) })}
      </span>
      {rate === null ? null : (
        <meter
          min={0}
          max={1}
          low={0.9}
          optimum={1}
          value={Math.min(rate / expected, 1)}
          aria-label={format.percent(rate / expected)}
          title={format.percent(rate / expected)}
        />
      )}
    </span>
  );
}

import { Link } from 'wouter';
import type { Miner } from '../../data/miners.ts';
import type { Words } from '../../i18n/words.tsx';
import { Ago } from '../../parts/ago.tsx';
import type { Column } from '../../parts/table.tsx';
import { MinerBadge } from './miner-badge.tsx';
import { firmwareOf, macOf, modelOf } from './miner-names.ts';
import type { MinerColumn } from './view.ts';

/** What a miner calls itself: text, cut short where it is long, whole in the tooltip. */
const foreign = (text: string | null) => (
  <span className="foreign" title={text ?? undefined}>
    {text ?? '—'}
  </span>
);

const number = (value: number | null, write: (n: number) => string) =>
  value === null ? '—' : write(value);

type MinerCell = Omit<Column<Miner>, 'id' | 'title'>;

/** The cells of the miner table. */
export function minerCells({ t, format }: Words): Record<MinerColumn, MinerCell> {
  return {
    state: { cell: (miner) => <MinerBadge miner={miner} /> },
    name: {
      cell: ({ id, name }) => (
        <Link className="foreign" href={`/miners/${id}`} title={name}>
          {name}
        </Link>
      ),
    },
    ip_address: { cell: (miner) => miner.ip_address },
    site_name: { cell: (miner) => foreign(miner.site_name) },
    container_name: { cell: (miner) => foreign(miner.container_name) },
    model: { cell: (miner) => foreign(modelOf(miner)) },
    firmware: { cell: (miner) => foreign(firmwareOf(miner)) },
    hash_rate: { align: 'end', cell: (miner) => <Hashrate miner={miner} words={{ t, format }} /> },
    percent_of_expected: {
      align: 'end',
      cell: (miner) => number(miner.percent_of_expected, (n) => format.percent(n / 100)),
    },
    temperature: { align: 'end', cell: (miner) => format.temperature(miner.temperature) },
    temp_chip: { align: 'end', cell: (miner) => format.temperature(miner.temp_chip) },
    fan_speed: { align: 'end', cell: (miner) => format.fan(miner.fan_speed) },
    power_consumption: { align: 'end', cell: (miner) => format.power(miner.power_consumption) },
    efficiency_j_th: {
      align: 'end',
      cell: (miner) => number(miner.efficiency_j_th, (n) => format.decimal(n)),
    },
    rejected_percent: {
      align: 'end',
      cell: (miner) => number(miner.rejected_percent, (n) => `${format.decimal(n)} %`),
    },
    uptime_s: {
      align: 'end',
      cell: (miner) => number(miner.uptime_s, (n) => format.span(n * 1000)),
    },
    worker: { cell: (miner) => foreign(miner.worker) },
    mac: { cell: (miner) => (miner.mac === null ? '—' : macOf(miner.mac)) },
    serial: { cell: (miner) => foreign(miner.serial) },
    agent_name: { cell: (miner) => foreign(miner.agent_name) },
    tags: { cell: (miner) => foreign(miner.tags.join(', ') || null) },
    answered_at: {
      align: 'end',
      cell: (miner) =>
        miner.answered_at === null ? (
          <span title={t('miners.noAnswerYet')}>—</span>
        ) : (
          <Ago at={miner.answered_at} />
        ),
    },
  };
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

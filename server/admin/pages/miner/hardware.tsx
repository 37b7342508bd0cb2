import type { ReactNode } from 'react';
import type { Board, MinerDetail, Pool } from '../../data/miner.ts';
import { useWords } from '../../i18n/words.tsx';
import { Panel } from '../../parts/panel.tsx';
import { StateBadge } from '../../parts/state-badge.tsx';

interface Cell<Row> {
  title: string;
  end?: true;
  cell: (row: Row) => ReactNode;
  /** Was it reported for any of the rows? Columns of nothing are left out. */
  has?: (row: Row) => boolean;
}

function Rows<Row>(props: {
  caption: string;
  className: string;
  rows: readonly Row[];
  cells: readonly Cell<Row>[];
}) {
  const cells = props.cells.filter(({ has }) => !has || props.rows.some((row) => has(row)));
  return (
    // What scrolls must be reachable by keyboard.
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <div className="scrolls" role="group" aria-label={props.caption} tabIndex={0}>
      <table className={`rows ${props.className}`}>
        <caption className="visually-hidden">{props.caption}</caption>
        <thead>
          <tr>
            {cells.map(({ title, end }) => (
              <th key={title} scope="col" className={end && 'end'}>
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {props.rows.map((row, index) => (
            // The order is the miner's own and stays.
            // oxlint-disable-next-line react/no-array-index-key
            <tr key={index}>
              {cells.map(({ title, end, cell }) => (
                <td key={title} data-label={title} className={end && 'end'}>
                  {cell(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

const known = (value: unknown): boolean => value !== null && value !== undefined;

/** Hashboards as last reported. */
export function Boards({ boards }: { boards: readonly Board[] }) {
  const { t, format } = useWords();
  if (boards.length === 0) return null;
  return (
    <Panel title={t('miner.boards')}>
      <Rows
        caption={t('miner.boards')}
        className="boards"
        rows={boards}
        cells={[
          { title: t('board.slot'), cell: ({ slot }) => slot },
          {
            title: t('sum.hashrate'),
            end: true,
            has: (board) => known(board.hash_rate),
            cell: ({ hash_rate: rate }) =>
              rate === 0 ? (
                <StateBadge tone="bad">{format.hashrate(0)}</StateBadge>
              ) : (
                format.hashrate(rate ?? null)
              ),
          },
          {
            title: t('board.chips'),
            end: true,
            has: (board) => known(board.chips),
            cell: ({ chips, chips_expected: all }) =>
              `${known(chips) ? format.count(chips ?? 0) : '—'}${known(all) ? ` / ${format.count(all ?? 0)}` : ''}`,
          },
          {
            title: t('board.chipTemp'),
            end: true,
            has: (board) => known(board.temp_chip),
            cell: (board) => format.temperature(board.temp_chip ?? null),
          },
          {
            title: t('board.boardTemp'),
            end: true,
            has: (board) => known(board.temp_board),
            cell: (board) => format.temperature(board.temp_board ?? null),
          },
          {
            title: t('board.frequency'),
            end: true,
            has: (board) => known(board.frequency_mhz),
            cell: ({ frequency_mhz: mhz }) =>
              known(mhz) ? `${format.count(mhz ?? 0)} ${t('unit.mhz')}` : '—',
          },
          {
            title: t('board.voltage'),
            end: true,
            has: (board) => known(board.voltage_v),
            cell: ({ voltage_v: volts }) =>
              known(volts) ? `${format.decimal(volts ?? 0)} ${t('unit.v')}` : '—',
          },
          {
            title: t('board.errors'),
            end: true,
            has: (board) => known(board.hw_errors),
            cell: ({ hw_errors: errors }) => (known(errors) ? format.count(errors ?? 0) : '—'),
          },
        ]}
      />
    </Panel>
  );
}

/** One that stands still is marked. */
export function Fans({ fans }: { fans: MinerDetail['fans'] }) {
  const { t, format } = useWords();
  if (fans.length === 0) return null;
  const allStill = fans.every((rpm) => rpm === 0);
  return (
    <Panel title={t('column.fan_speed')}>
      <ul className="fans">
        {fans.map((rpm, index) => (
          // A fan is its slot.
          // oxlint-disable-next-line react/no-array-index-key
          <li key={index}>
            <span className="muted">{index + 1}</span>{' '}
            {rpm === 0 && !allStill ? (
              <StateBadge tone="bad">{format.fan(0)}</StateBadge>
            ) : (
              format.fan(rpm)
            )}
          </li>
        ))}
      </ul>
    </Panel>
  );
}

export function Pools({ pools }: { pools: readonly Pool[] }) {
  const { t, format } = useWords();
  if (pools.length === 0) return null;
  return (
    <Panel title={t('miner.pools')}>
      <Rows
        caption={t('miner.pools')}
        className="pools"
        rows={pools}
        cells={[
          {
            title: t('pool.state'),
            cell: ({ active, alive }) =>
              active ? (
                <StateBadge tone="good">{t('pool.active')}</StateBadge>
              ) : alive === false ? (
                <StateBadge tone="bad">{t('pool.dead')}</StateBadge>
              ) : (
                <StateBadge tone="idle">{t('pool.standby')}</StateBadge>
              ),
          },
          {
            title: t('pool.url'),
            cell: ({ url, is_dev_fee: fee }) => (
              <span className="foreign" title={url ?? undefined}>
                {url ?? '—'} {fee ? <span className="tag">{t('pool.devFee')}</span> : null}
              </span>
            ),
          },
          {
            title: t('column.worker'),
            cell: ({ user }) => (
              <span className="foreign" title={user ?? undefined}>
                {user ?? '—'}
              </span>
            ),
          },
          {
            title: t('pool.accepted'),
            end: true,
            has: (pool) => known(pool.accepted),
            cell: ({ accepted }) => (known(accepted) ? format.count(accepted ?? 0) : '—'),
          },
          {
            title: t('pool.rejected'),
            end: true,
            has: (pool) => known(pool.rejected),
            cell: ({ rejected }) => (known(rejected) ? format.count(rejected ?? 0) : '—'),
          },
        ]}
      />
    </Panel>
  );
}

/** Faults the miner itself tells of. */
export function MinerErrors({ errors }: { errors: MinerDetail['errors'] }) {
  const { t } = useWords();
  if (errors.length === 0) return null;
  return (
    <Panel title={t('miner.errors')}>
      <ul className="entries">
        {errors.map(({ code, text }) => (
          <li key={code}>
            <div>
              <code>{code}</code> <span className="foreign">{text}</span>
            </div>
          </li>
        ))}
      </ul>
    </Panel>
  );
}

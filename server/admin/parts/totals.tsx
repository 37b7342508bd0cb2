import { MINER_STATES, type Totals } from '../data/fleet.ts';
import { useWords } from '../i18n/words.tsx';
import { MINER_TONES } from '../pages/miners/miner-state.ts';
import { byAlgorithm } from './by-algorithm.ts';
import { Figure } from './panel.tsx';
import { Proportions } from './proportions.tsx';

/** Hashrate beside what is expected, power beside what it yields. */
export function TotalsFigures(props: {
  totals: Totals;
  /** The same by algorithm, where that is known. */
  algorithms?: readonly { algorithm: string | null; totals: Totals }[];
}) {
  const { t, format } = useWords();
  const { totals } = props;
  // The largest part stands for itself, the others below it.
  const parts = byAlgorithm(props.algorithms ?? []);
  const [first, ...others] = parts;
  const mixed = first !== undefined && others.length > 0;
  const { hash_rate: rate, expected_hash_rate: expected } = mixed ? first : totals;
  return (
    <>
      <Figure title={t('sum.hashrate')} value={format.hashrate(rate)}>
        {rate === null
          ? t('sum.none')
          : expected === null || expected === 0
            ? t('sum.noExpected')
            : t('sum.hashrateOf', {
                percent: format.percent(rate / expected),
                expected: format.hashrate(expected),
              })}
        {mixed ? (
          <small>
            {parts
              .map(
                ({ algorithm, hash_rate: part }) =>
                  `${algorithm ?? t('sum.otherAlgorithm')} ${format.hashrate(part)}`,
              )
              .join(' · ')}
          </small>
        ) : null}
      </Figure>
      <Figure title={t('sum.power')} value={format.power(totals.power_consumption)}>
        {totals.efficiency_j_th === null
          ? t('sum.none')
          : t('sum.efficiency', { value: format.decimal(totals.efficiency_j_th) })}
      </Figure>
    </>
  );
}

/** How many miners are in which state; each leads to them. `filter`: "site_id=3". */
export function States({ totals, filter }: { totals: Totals; filter: string }) {
  const { t } = useWords();
  return (
    <Proportions
      label={t('miners.state')}
      parts={MINER_STATES.toReversed().map((state) => ({
        id: state,
        tone: MINER_TONES[state],
        text: t(`state.${state}`),
        n: totals.states[state],
        href: `/miners?${filter ? `${filter}&` : ''}state=${state}`,
      }))}
    />
  );
}

/** "97 % hashing" in a cell, of those whose state is known. */
export function HashingShare({ totals }: { totals: Totals }) {
  const { format } = useWords();
  const known = totals.miners - totals.states.unknown;
  return <>{known === 0 ? '—' : format.percent(totals.states.hashing / known)}</>;
}

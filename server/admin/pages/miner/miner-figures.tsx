import type { MinerDetail } from '../../data/miner.ts';
import { useWords } from '../../i18n/words.tsx';
import { Ago } from '../../parts/ago.tsx';
import { Day } from '../../parts/day.tsx';
import { Figure } from '../../parts/panel.tsx';

/** The newest values, each above its last 24 hours. */
export function MinerFigures({ miner }: { miner: MinerDetail }) {
  const { t, format } = useWords();
  const { hash_rate: rate, expected_hash_rate: expected, sparklines } = miner;
  const chip = miner.temp_chip ?? miner.temperature;
  const temperatures = miner.temp_chip === null ? sparklines?.temperature : sparklines?.temp_chip;
  return (
    <section className="panel summary five" aria-label={t('agent.now')}>
      <Figure title={t('sum.hashrate')} value={format.hashrate(rate)}>
        {rate !== null && expected !== null && expected > 0
          ? t('sum.hashrateOf', {
              percent: format.percent(rate / expected),
              expected: format.hashrate(expected),
            })
          : t(rate === null ? 'sum.none' : 'sum.noExpected')}
        <Day values={sparklines?.hash_rate} write={(value) => format.hashrate(value)} />
      </Figure>
      <Figure
        title={t(miner.temp_chip === null ? 'miner.temperature' : 'miner.chips')}
        value={format.temperature(chip)}
      >
        {t(
          chip === null
            ? 'sum.none'
            : miner.temp_chip === null
              ? 'miner.ofSensors'
              : 'miner.ofChips',
        )}
        <Day values={temperatures} write={(value) => format.temperature(value)} />
      </Figure>
      <Figure title={t('column.fan_speed')} value={format.fan(miner.fan_speed)}>
        {t(miner.fan_speed === null ? 'sum.none' : 'miner.fastest')}
        <Day values={sparklines?.fan_speed} write={(value) => format.fan(value)} />
      </Figure>
      <Figure title={t('sum.power')} value={format.power(miner.power_consumption)}>
        {miner.efficiency_j_th === null
          ? t('sum.none')
          : t('sum.efficiency', { value: format.decimal(miner.efficiency_j_th) })}
        <Day values={sparklines?.power_consumption} write={(value) => format.power(value)} />
      </Figure>
      <Figure
        title={t('column.answered_at')}
        value={miner.answered_at === null ? '—' : <Ago at={miner.answered_at} />}
      >
        {miner.answered_at === null
          ? t('miners.noAnswerYet')
          : miner.uptime_s === null
            ? t('miner.noUptime')
            : t('miner.uptime', { time: format.span(miner.uptime_s * 1000) })}
        {miner.accepted_shares === null ? null : (
          <small>{t('miner.shares', { n: miner.accepted_shares })}</small>
        )}
        {miner.rejected_percent === null ? null : (
          <small>
            {t('miner.rejected', { percent: format.percent(miner.rejected_percent / 100) })}
          </small>
        )}
      </Figure>
    </section>
  );
}

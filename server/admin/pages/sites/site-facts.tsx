import type { SiteView } from '../../data/fleet.ts';
import { useWords } from '../../i18n/words.tsx';
import { Fact, Facts } from '../../parts/facts.tsx';
import { useNow } from '../../parts/now.ts';

/** What people have said of a site; nothing where they have said nothing. */
export function SiteFacts({ site }: { site: SiteView }) {
  const { t, format } = useWords();
  const now = useNow();
  const { time_zone: zone, tariff_per_kwh: tariff, capacity_w: capacity, totals } = site;
  if (zone === null && tariff === null && capacity === null) return null;
  return (
    <Facts>
      {zone === null ? null : (
        <Fact name={t('sites.timeZone')}>
          {zone} · {format.clockIn(now, zone)}
        </Fact>
      )}
      {capacity === null ? null : (
        <Fact name={t('sites.capacity')}>
          {format.power(capacity)}
          {totals.power_consumption === null || capacity === 0
            ? ''
            : ` · ${t('sites.used', { percent: format.percent(totals.power_consumption / capacity) })}`}
        </Fact>
      )}
      {tariff === null ? null : (
        <Fact name={t('sites.tariff')}>
          {t('sites.perKwh', { tariff: format.amount(tariff), currency: site.currency ?? '' })}
        </Fact>
      )}
    </Facts>
  );
}

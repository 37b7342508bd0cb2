import type { ScanReport } from '#contract/sync.ts';
import { useWords } from '../../i18n/words.tsx';
import { Ago } from '../../parts/ago.tsx';
import { Panel } from '../../parts/panel.tsx';
import { Proportions } from '../../parts/proportions.tsx';

const MAX_SHOWN = 50;

/** What the last scan found, and what it did not understand, with the raw replies for download. */
export function ScanPanel(props: { agentId: number; scan: ScanReport | null }) {
  const { t, format } = useWords();
  const { scan, agentId } = props;
  if (scan === null) {
    return (
      <Panel title={t('scan.title')}>
        <p className="empty">{t('scan.none')}</p>
      </Panel>
    );
  }
  const took = Date.parse(scan.finished_at) - Date.parse(scan.started_at);
  const shown = scan.unknown_devices.slice(0, MAX_SHOWN);
  return (
    <Panel title={t('scan.title')} count={<Ago at={scan.finished_at} />}>
      <div className="padded-sides">
        <Proportions
          label={t('scan.title')}
          parts={[
            { id: 'identified', tone: 'good', text: t('scan.identified'), n: scan.identified },
            { id: 'unknown', tone: 'warn', text: t('scan.unknown'), n: scan.unknown },
            { id: 'refused', tone: 'idle', text: t('scan.refused'), n: scan.refused },
            { id: 'silent', tone: 'unknown', text: t('scan.silent'), n: scan.silent },
          ]}
        />
        <p className="muted">
          {t('scan.addresses', { n: scan.addresses })} · {scan.ranges.join(', ')} ·{' '}
          {t('scan.took', { time: format.span(took) })}
          {scan.excluded > 0 ? ` · ${t('scan.excluded', { n: scan.excluded })}` : ''}
        </p>
      </div>
      {shown.length === 0 ? null : (
        <>
          <div className="bar">
            <h3>{t('scan.notUnderstood')}</h3>
            <a className="button" href={`/api/agents/${agentId}/scan/unknown`} download>
              {t('scan.download')}
            </a>
          </div>
          <p className="hint padded-sides">{t('scan.downloadWhy')}</p>
          <div className="scrolls">
            <table className="rows unknown-devices">
              <caption className="visually-hidden">{t('scan.notUnderstood')}</caption>
              <thead>
                <tr>
                  <th scope="col">{t('scan.address')}</th>
                  <th scope="col">{t('scan.ports')}</th>
                  <th scope="col">{t('scan.heard')}</th>
                </tr>
              </thead>
              <tbody>
                {shown.map((device) => (
                  <tr key={device.ip_address}>
                    <td data-column="name">{device.ip_address}</td>
                    <td data-label={t('scan.ports')}>{device.open_ports.join(', ') || '—'}</td>
                    <td data-label={t('scan.heard')} className="heard">
                      <code className="foreign">{device.heard ?? '—'}</code>
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
          {scan.unknown > shown.length ? (
            <p className="empty">{t('scan.more', { n: scan.unknown - shown.length })}</p>
          ) : null}
        </>
      )}
    </Panel>
  );
}

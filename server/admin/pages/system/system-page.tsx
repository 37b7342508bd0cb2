import { useSystem, type System } from '../../data/system.ts';
import { useWords } from '../../i18n/words.tsx';
import { Ago } from '../../parts/ago.tsx';
import { Fact, Facts } from '../../parts/facts.tsx';
import { Loaded } from '../../parts/loaded.tsx';
import { Page } from '../../parts/page.tsx';
import { Figure, Panel } from '../../parts/panel.tsx';
import { Spark } from '../../parts/spark.tsx';
import { StateBadge } from '../../parts/state-badge.tsx';

/** The server and its databases: are they well, what comes in, how they grow. */
export function SystemPage() {
  const { t } = useWords();
  const system = useSystem();
  return (
    <Page title={t('nav.system')}>
      <Loaded query={system} still={[120, 260, 260]}>
        {(now) => (
          <>
            <Health system={now} />
            <Ingest ingest={now.ingest} rollups={now.rollups} />
            <Storage system={now} />
            <div className="columns">
              <Influx influxdb={now.influxdb} />
              <Postgres postgres={now.postgres} />
            </div>
          </>
        )}
      </Loaded>
    </Page>
  );
}

function Health({ system }: { system: System }) {
  const { t, format } = useWords();
  const parts = ['postgres', 'migrations', 'influxdb'] as const;
  return (
    <Panel title={t('system.health')}>
      <ul className="health">
        {parts.map((part) => {
          const check = system.health[part];
          return (
            <li key={part}>
              <StateBadge tone={check.ok ? 'good' : 'bad'}>{t(`system.${part}`)}</StateBadge>{' '}
              <span className="muted foreign">{check.ok ? t('system.well') : check.reason}</span>
            </li>
          );
        })}
      </ul>
      <Facts>
        <Fact name={t('agents.versionColumn')}>{system.version}</Fact>
        <Fact name="Node.js">{system.node}</Fact>
        <Fact name={t('system.started')}>
          <Ago at={system.started_at} />
        </Fact>
        <Fact name={t('system.memory')}>{format.bytes(system.memory_bytes)}</Fact>
      </Facts>
    </Panel>
  );
}

function Ingest({ ingest, rollups }: Pick<System, 'ingest' | 'rollups'>) {
  const { t, format } = useWords();
  return (
    <section className="panel summary" aria-label={t('system.ingest')}>
      <Figure title={t('system.samples')} value={format.count(ingest.samples)}>
        {t('system.inBatches', { n: ingest.batches })}
      </Figure>
      <Figure
        title={t('system.lastBatch')}
        value={ingest.last_batch_at === null ? '—' : <Ago at={ingest.last_batch_at} />}
      >
        {t('system.fromAgents', { n: ingest.agents })}
      </Figure>
      <Figure title={t('agents.backlog')} value={format.count(ingest.backlog_batches)}>
        {t('system.backlogWhere')}
      </Figure>
      <Figure title={t('system.rollups')} value={format.count(rollups.waiting)}>
        {rollups.oldest_at === null ? t('system.rollupsDone') : <Ago at={rollups.oldest_at} />}
      </Figure>
      <Figure title={t('agent.quarantine')} value={format.count(ingest.quarantine)}>
        {ingest.pending_syncs > 0
          ? t('system.pending', { n: ingest.pending_syncs })
          : t('agent.quarantineNone')}
      </Figure>
    </section>
  );
}

function Storage({ system }: { system: System }) {
  const { t, format } = useWords();
  return (
    <Panel
      title={t('system.storage')}
      count={t('system.retention', { n: system.retention.samples_days })}
    >
      <div className="scrolls">
        <table className="rows storage">
          <caption className="visually-hidden">{t('system.storage')}</caption>
          <thead>
            <tr>
              <th scope="col">{t('system.what')}</th>
              <th scope="col" className="end">
                {t('system.now')}
              </th>
              <th scope="col" className="end">
                {t('system.perDay')}
              </th>
              <th scope="col" className="end">
                {t('system.in30')}
              </th>
              <th scope="col" className="end">
                {t('system.in365')}
              </th>
              <th scope="col">{t('system.growth')}</th>
            </tr>
          </thead>
          <tbody>
            {system.storage.map((one) => (
              <tr key={one.what}>
                <td data-column="name">{one.what}</td>
                <Size title={t('system.now')} bytes={one.bytes} />
                <Size title={t('system.perDay')} bytes={one.per_day} />
                <Size title={t('system.in30')} bytes={one.in_30_days} />
                <Size title={t('system.in365')} bytes={one.in_365_days} />
                <td data-label={t('system.growth')} className="growth">
                  {one.history.length < 2 ? (
                    <span className="muted">{t('system.tooEarly')}</span>
                  ) : (
                    <Spark
                      values={one.history.map(({ bytes }) => bytes)}
                      title={t('system.growthOf', {
                        from: format.bytes(one.history[0]?.bytes ?? 0),
                        to: format.bytes(one.bytes),
                      })}
                    />
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Panel>
  );
}

function Size({ title, bytes }: { title: string; bytes: number | null }) {
  const { format } = useWords();
  return (
    <td className="end" data-label={title}>
      {bytes === null ? '—' : format.bytes(bytes)}
    </td>
  );
}

function Influx({ influxdb }: { influxdb: System['influxdb'] }) {
  const { t } = useWords();
  return (
    <Panel title="InfluxDB" count={influxdb.version ?? t('system.away')}>
      <ul className="entries">
        {influxdb.databases.map(({ name, retention_days: days }) => (
          <li key={name}>
            <div>
              <code>{name}</code>
            </div>
            <span className="muted">
              {days === null ? t('system.forever') : t('system.keptDays', { n: days })}
            </span>
          </li>
        ))}
        {influxdb.points.map(({ measurement, last_hour: points }) => (
          <li key={`points ${measurement}`}>
            <div>
              <code>{measurement}</code>
            </div>
            <span className="muted">
              {points === null ? '—' : t('system.points', { n: points })}
            </span>
          </li>
        ))}
      </ul>
    </Panel>
  );
}

function Postgres({ postgres }: { postgres: System['postgres'] }) {
  const { t, format } = useWords();
  return (
    <Panel title="Postgres" count={postgres.version}>
      <ul className="entries">
        <li>
          <div>{t('system.migration')}</div>
          <span className="muted">
            {postgres.pending.length > 0
              ? t('system.pendingMigrations', { names: postgres.pending.join(', ') })
              : (postgres.migration ?? '—')}
          </span>
        </li>
        {postgres.tables.slice(0, 8).map(({ name, rows, bytes }) => (
          <li key={name}>
            <div>
              <code>{name}</code>
            </div>
            <span className="muted">
              {rows > 0 ? `${t('system.rows', { n: rows })} · ` : ''}
              {format.bytes(bytes)}
            </span>
          </li>
        ))}
      </ul>
    </Panel>
  );
}

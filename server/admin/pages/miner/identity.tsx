import { useState } from 'react';
import { Link } from 'wouter';
import { useMergeMiner, type MinerDetail } from '../../data/miner.ts';
import { useMay } from '../../data/session.ts';
import { useWords } from '../../i18n/words.tsx';
import { Confirm } from '../../parts/confirm.tsx';
import { Fact, Facts } from '../../parts/facts.tsx';
import { Panel } from '../../parts/panel.tsx';
import { firmwareOf, macOf, modelOf } from '../miners/miner-names.ts';

/** Who it is, where it has been, and under which names its history lies. */
export function Identity({ miner }: { miner: MinerDetail }) {
  const { t, format } = useWords();
  const may = useMay();
  const facts: [name: string, value: string | null][] = [
    [t('column.ip_address'), `${miner.ip_address}:${miner.port}`],
    [t('column.mac'), miner.mac && macOf(miner.mac)],
    [t('column.serial'), miner.serial],
    [t('miner.hostname'), miner.hostname],
    [t('column.model'), modelOf(miner)],
    [t('miner.modelRaw'), miner.model_raw],
    [t('column.firmware'), firmwareOf(miner)],
    [t('miner.algorithm'), miner.algorithm],
    [t('miner.controlBoard'), miner.control_board],
    [t('column.worker'), miner.worker],
    [t('miner.since'), format.moment(miner.created_at)],
    [
      t('miner.expectedByHand'),
      miner.expected_by_hand === null ? null : format.hashrate(miner.expected_by_hand),
    ],
  ];
  return (
    <div className="stack">
      <Panel title={t('miner.identity')}>
        <Facts>
          {facts.map(([name, value]) =>
            value === null ? null : (
              <Fact key={name} name={name}>
                {value}
              </Fact>
            ),
          )}
          {miner.agent_id === null ? null : (
            <Fact name={t('column.agent_name')}>
              {may('GET /api/fleet/agents/:id') ? (
                <Link href={`/agents/${miner.agent_id}`}>{miner.agent_name}</Link>
              ) : (
                miner.agent_name
              )}
            </Fact>
          )}
        </Facts>
        {miner.tags.length === 0 ? null : (
          <p className="tags padded-sides">
            {miner.tags.map((tag) => (
              <Link key={tag} className="tag" href={`/miners?tag=${encodeURIComponent(tag)}`}>
                {tag}
              </Link>
            ))}
          </p>
        )}
        {miner.note === null ? null : <p className="note padded-sides foreign">{miner.note}</p>}
      </Panel>
      {miner.twins.length === 0 ? null : (
        <Panel title={t('miner.twins')}>
          <p className="hint padded-sides">{t('miner.twinsWhy')}</p>
          <ul className="entries">
            {miner.twins.map((twin) => (
              <TwinEntry key={twin.id} miner={miner} twin={twin} />
            ))}
          </ul>
        </Panel>
      )}
      <Panel title={t('miner.addresses')}>
        <ul className="entries">
          {miner.addresses.map(({ ip_address, port, since, until }) => (
            <li key={since}>
              <div>
                {ip_address}:{port}
              </div>
              <span className="muted">
                {format.moment(since)} – {until === null ? t('miner.now') : format.moment(until)}
              </span>
            </li>
          ))}
        </ul>
      </Panel>
      <Panel title={t('miner.keys')}>
        <p className="hint padded-sides">{t('miner.keysWhy')}</p>
        <ul className="entries">
          {miner.keys.map(({ scope, key, since }) => (
            <li key={`${scope} ${key}`}>
              <code>
                {scope} · {key}
              </code>
              <span className="muted">{format.moment(since)}</span>
            </li>
          ))}
        </ul>
      </Panel>
    </div>
  );
}

function TwinEntry(props: { miner: MinerDetail; twin: MinerDetail['twins'][number] }) {
  const { t } = useWords();
  const may = useMay();
  const { miner, twin } = props;
  const merge = useMergeMiner(miner.id, twin.id);
  const [asking, setAsking] = useState(false);
  return (
    <li>
      <div>
        <Link className="foreign" href={`/miners/${twin.id}`}>
          {twin.name}
        </Link>{' '}
        <span className="muted">
          {twin.ip_address} · {t(twin.same === 'serial' ? 'miner.sameSerial' : 'miner.sameAddress')}
        </span>
      </div>
      {may('POST /api/fleet/miners/:id/merge') ? (
        <button type="button" onClick={() => setAsking(true)}>
          {t('miner.merge')}
        </button>
      ) : null}
      {asking ? (
        <Confirm
          title={t('miner.mergeTitle', { from: twin.name, into: miner.name })}
          action={t('miner.merge')}
          change={merge}
          onClose={() => setAsking(false)}
        >
          <p>{t('miner.mergeWhat', { from: twin.name, into: miner.name })}</p>
        </Confirm>
      ) : null}
    </li>
  );
}

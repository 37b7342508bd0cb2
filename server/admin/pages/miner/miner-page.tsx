import { useState } from 'react';
import { Link } from 'wouter';
import { useMiner, type MinerDetail } from '../../data/miner.ts';
import { useMay } from '../../data/session.ts';
import { useSiteZone } from '../../data/sites.ts';
import { useWords } from '../../i18n/words.tsx';
import { GrafanaLink } from '../../parts/grafana-link.tsx';
import { Loaded } from '../../parts/loaded.tsx';
import { Notice } from '../../parts/notice.tsx';
import { Page } from '../../parts/page.tsx';
import { Panel } from '../../parts/panel.tsx';
import { PlaceZone } from '../../parts/place-zone.ts';
import { MinerBadge } from '../miners/miner-badge.tsx';
import { whyOf } from '../miners/miner-state.ts';
import { ProblemList } from '../problems/problem-list.tsx';
import { Boards, Fans, MinerErrors, Pools } from './hardware.tsx';
import { Identity } from './identity.tsx';
import { EditMiner } from './edit-miner.tsx';
import { RetireMiner } from './retire-miner.tsx';
import { MinerFigures } from './miner-figures.tsx';

/** One miner: how it does, what it is made of, who it is. */
export function MinerPage({ id }: { id: number }) {
  const { t } = useWords();
  const miner = useMiner(id);
  const { data } = miner;
  const zone = useSiteZone(data?.site_id ?? null);
  return (
    <PlaceZone value={zone}>
      <Page
        title={data?.name ?? t('miners.title')}
        trail={
          <>
            <Link href="/miners">{t('nav.miners')}</Link>
            {data?.site_name ? (
              <Link href={`/miners?site_id=${data.site_id}`}>{data.site_name}</Link>
            ) : null}
            {data?.container_name ? (
              <Link href={`/miners?container_id=${data.container_id}`}>{data.container_name}</Link>
            ) : null}
          </>
        }
        beside={data ? <MinerBadge miner={data} /> : null}
        actions={data ? <Actions miner={data} /> : null}
      >
        <Loaded query={miner} still={[150, 320]}>
          {(loaded) => <Body miner={loaded} />}
        </Loaded>
      </Page>
    </PlaceZone>
  );
}

function Actions({ miner }: { miner: MinerDetail }) {
  const { t } = useWords();
  const may = useMay();
  const [doing, setDoing] = useState<'edit' | 'retire' | null>(null);
  const retired = miner.retired_at !== null;
  return (
    <>
      <GrafanaLink
        dashboard="hashyard-miner"
        variables={{ site: miner.scope, miner: String(miner.id) }}
      />
      {may('PATCH /api/fleet/miners/:id') ? (
        <button type="button" onClick={() => setDoing('edit')}>
          {t('form.edit')}
        </button>
      ) : null}
      {may('POST /api/fleet/miners/:id/retire') ? (
        <button type="button" className="quiet" onClick={() => setDoing('retire')}>
          {t(retired ? 'miner.restore' : 'miner.retire')}
        </button>
      ) : null}
      {doing === 'edit' ? <EditMiner miner={miner} onClose={() => setDoing(null)} /> : null}
      {doing === 'retire' ? <RetireMiner miner={miner} onClose={() => setDoing(null)} /> : null}
    </>
  );
}

function Body({ miner }: { miner: MinerDetail }) {
  const { t } = useWords();
  const known = miner.state !== 'offline' && miner.state !== 'unknown';
  const { boards, fans, pools } = miner;
  // One that does not answer has no values; of one whose agent is silent there are those from before.
  const hint =
    known || miner.answered_at === null
      ? null
      : miner.state === 'unknown'
        ? 'miner.lastKnown'
        : boards.length + fans.length + pools.length > 0
          ? 'miner.lastParts'
          : null;
  return (
    <>
      {miner.retired_at !== null ? (
        <Notice kind="info">{t('miner.isRetired')}</Notice>
      ) : known && miner.state === 'hashing' ? null : (
        <Notice kind={miner.state === 'offline' ? 'bad' : 'warn'}>
          {whyOf(miner, t)} {hint === null ? '' : t(hint)}
        </Notice>
      )}
      <MinerFigures miner={miner} />
      <div className="columns">
        <div className="stack">
          {miner.problems.length === 0 ? null : (
            <Panel title={t('nav.problems')}>
              <ProblemList problems={miner.problems} />
            </Panel>
          )}
          <MinerErrors errors={miner.errors} />
          <Boards boards={miner.boards} />
          <Fans fans={miner.fans} />
          <Pools pools={miner.pools} />
        </div>
        <Identity miner={miner} />
      </div>
    </>
  );
}

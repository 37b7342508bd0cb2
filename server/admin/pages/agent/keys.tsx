import { useState } from 'react';
import { inWords } from '../../api.ts';
import { useAddKey, useRevokeKey, type AgentDetail } from '../../data/agents.ts';
import { useMay } from '../../data/session.ts';
import { useWords } from '../../i18n/words.tsx';
import { Ago } from '../../parts/ago.tsx';
import { Confirm } from '../../parts/confirm.tsx';
import { Notice } from '../../parts/notice.tsx';
import { Panel } from '../../parts/panel.tsx';
import { NewKey } from '../add-agent/new-key.tsx';

type Key = AgentDetail['keys'][number];
/** So many keys may live at once: enough for a rotation. */
const LIVE_KEYS = 2;

/** The keys of an agent: a second one to rotate without a gap, then the old one revoked. */
export function Keys({ agentId, keys }: { agentId: number; keys: readonly Key[] }) {
  const { t } = useWords();
  const may = useMay();
  const add = useAddKey(agentId);
  const live = keys.filter(({ revoked_at }) => revoked_at === null).length;
  return (
    <>
      {add.data ? <NewKey apiKey={add.data.api_key} /> : null}
      <Panel
        title={t('key.title')}
        actions={
          may('POST /api/agents/:id/keys') ? (
            <button
              type="button"
              disabled={add.isPending || live >= LIVE_KEYS}
              title={live >= LIVE_KEYS ? t('key.enough') : undefined}
              onClick={() => add.mutate(undefined)}
            >
              {t('key.add')}
            </button>
          ) : null
        }
      >
        {add.isError ? <Notice kind="bad">{inWords(add.error, t)}</Notice> : null}
        <p className="hint padded-sides">{t('key.how')}</p>
        <ul className="entries">
          {keys.map((key) => (
            <KeyEntry key={key.id} agentId={agentId} entry={key} last={live === 1} />
          ))}
        </ul>
      </Panel>
    </>
  );
}

function KeyEntry(props: { agentId: number; entry: Key; last: boolean }) {
  const { t, format } = useWords();
  const may = useMay();
  const { agentId, entry } = props;
  const revoke = useRevokeKey(agentId, entry.id);
  const [asking, setAsking] = useState(false);
  const dead = entry.revoked_at !== null;
  return (
    <li className={dead ? 'past' : undefined}>
      <div>
        <code>hy_{entry.key_id}_…</code>
        <span className="sub muted">
          {dead
            ? t('key.revoked', { time: format.moment(entry.revoked_at ?? '') })
            : t('key.made', { time: format.moment(entry.created_at), by: entry.created_by ?? '—' })}
          {' · '}
          {entry.last_used_at === null ? (
            t('tokens.neverUsed')
          ) : (
            <>
              {t('account.used')} <Ago at={entry.last_used_at} />
            </>
          )}
        </span>
      </div>
      {dead || !may('DELETE /api/agents/:id/keys/:keyId') ? null : (
        <button type="button" onClick={() => setAsking(true)}>
          {t('tokens.revoke')}
        </button>
      )}
      {asking ? (
        <Confirm
          title={t('key.revokeTitle')}
          action={t('tokens.revoke')}
          change={revoke}
          onClose={() => setAsking(false)}
        >
          <p>{t(props.last ? 'key.revokeLast' : 'key.revokeWhat')}</p>
        </Confirm>
      ) : null}
    </li>
  );
}

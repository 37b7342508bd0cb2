import { useState } from 'react';
import { useRevokeToken, useTokens, type Token } from '../../data/account.ts';
import { useWords } from '../../i18n/words.tsx';
import { Ago } from '../../parts/ago.tsx';
import { Confirm } from '../../parts/confirm.tsx';
import { Loaded } from '../../parts/loaded.tsx';
import { useNow } from '../../parts/now.ts';
import { Panel } from '../../parts/panel.tsx';
import { NewToken } from './new-token.tsx';

/** Tokens with which scripts act for this user. */
export function Tokens() {
  const { t } = useWords();
  const tokens = useTokens();
  const [making, setMaking] = useState(false);
  return (
    <Panel
      title={t('tokens.title')}
      actions={
        <button type="button" onClick={() => setMaking(true)}>
          {t('tokens.new')}
        </button>
      }
    >
      <Loaded query={tokens} still={[90]}>
        {(list) =>
          list.length === 0 ? (
            <p className="empty">{t('tokens.empty')}</p>
          ) : (
            <ul className="entries">
              {list.map((token) => (
                <TokenEntry key={token.id} token={token} />
              ))}
            </ul>
          )
        }
      </Loaded>
      {making ? <NewToken onClose={() => setMaking(false)} /> : null}
    </Panel>
  );
}

function TokenEntry({ token }: { token: Token }) {
  const { t, format } = useWords();
  const now = useNow();
  const revoke = useRevokeToken(token.id);
  const [revoking, setRevoking] = useState(false);
  const expired = token.expires_at !== null && Date.parse(token.expires_at) <= now;
  const dead = token.revoked_at !== null || expired;
  return (
    <li className={dead ? 'past' : undefined}>
      <div>
        <b className="foreign">{token.name}</b> <code>hyu_{token.token_id}_…</code>
        <br />
        <span className="muted">
          {t(token.scope === 'read' ? 'tokens.read' : 'tokens.write')} ·{' '}
          {token.revoked_at !== null
            ? t('tokens.revoked')
            : token.expires_at === null
              ? t('tokens.forever')
              : t(expired ? 'tokens.expired' : 'tokens.until', {
                  time: format.moment(token.expires_at),
                })}
          {' · '}
          {token.last_used_at === null ? (
            t('tokens.neverUsed')
          ) : (
            <>
              {t('account.used')} <Ago at={token.last_used_at} />
            </>
          )}
        </span>
      </div>
      {dead ? null : (
        <button type="button" onClick={() => setRevoking(true)}>
          {t('tokens.revoke')}
        </button>
      )}
      {revoking ? (
        <Confirm
          title={t('tokens.revokeTitle', { name: token.name })}
          action={t('tokens.revoke')}
          change={revoke}
          onClose={() => setRevoking(false)}
        >
          <p>{t('tokens.revokeWhat')}</p>
        </Confirm>
      ) : null}
    </li>
  );
}

import { useState } from 'react';
import { inWords } from '../../api.ts';
import { useInstallation } from '../../data/agents.ts';
import { useWords } from '../../i18n/words.tsx';
import { Choice } from '../../parts/choice.tsx';
import { CopyText } from '../../parts/copy-text.tsx';
import { Field } from '../../parts/field.tsx';
import { Notice } from '../../parts/notice.tsx';
import {
  configFile,
  download,
  isLoopback,
  oneLine,
  START_BY_HAND,
  START_DOCKER,
} from './install-texts.ts';

const WAYS = ['oneLine', 'docker', 'byHand'] as const;
type Way = (typeof WAYS)[number];
/** Stands where the key would, once it is no longer known. */
const KEY_UNKNOWN = 'hy_…';

/** How the agent comes to its machine, in one of three ways. `apiKey` null: it was shown before and is not known here. */
export function InstallGuide({ apiKey }: { apiKey: string | null }) {
  const { t, format } = useWords();
  const installation = useInstallation();
  const [network, setNetwork] = useState('192.168.1.0/24');
  const [way, setWay] = useState<Way>('oneLine');

  if (installation.data === undefined) {
    return installation.isError ? (
      <Notice kind="bad" onRetry={() => void installation.refetch()}>
        {inWords(installation.error, t)}
      </Notice>
    ) : (
      <div className="skeleton" role="status" aria-label={t('app.loading')}>
        <div className="panel" style={{ height: '220px' }} />
      </div>
    );
  }
  const { agent, server_url } = installation.data;
  const serverUrl = server_url ?? location.origin;
  const { protocol, hostname, host } = new URL(serverUrl);
  const config = configFile({ serverUrl, apiKey: apiKey ?? KEY_UNKNOWN, network });

  return (
    <div className="stack">
      {isLoopback(hostname) ? (
        <Notice kind="info">{t('reg.loopback', { host })}</Notice>
      ) : protocol === 'http:' ? (
        <Notice kind="info">{t('reg.insecure')}</Notice>
      ) : null}
      {agent === null ? (
        <>
          <Notice kind="warn">{t('reg.notBuilt')}</Notice>
          <CopyText text="npm run build:agent" />
        </>
      ) : (
        <>
          <Field label={t('reg.network')} hint={t('reg.networkHint')}>
            <input
              name="network"
              className="mono"
              spellCheck={false}
              autoComplete="off"
              value={network}
              onChange={(event) => setNetwork(event.currentTarget.value)}
            />
          </Field>
          <Choice
            label={t('reg.way')}
            value={way}
            options={WAYS.map((value) => ({ value, text: t(`reg.${value}`) }))}
            onChoose={setWay}
          />
          {way === 'oneLine' ? (
            <>
              <p className="hint">{t('reg.oneLineNeeds')}</p>
              <CopyText text={oneLine({ serverUrl, network })} what={t('reg.oneLine')} />
              <p className="hint">
                {t('reg.oneLineAsks')}{' '}
                <a href="/install.sh" target="_blank" rel="noreferrer">
                  {t('reg.readScript')}
                </a>
              </p>
            </>
          ) : (
            <ol className="steps">
              <li>
                <h3>{t('reg.stepDownload')}</h3>
                <CopyText text={download({ serverUrl, sha256: agent.sha256 })} />
              </li>
              <li>
                <h3>{t('reg.stepConfig')}</h3>
                <CopyText text={config} what="config.json" />
                {apiKey === null ? <p className="hint">{t('reg.keyInPlace')}</p> : null}
              </li>
              <li>
                <h3>{t(way === 'docker' ? 'reg.stepDocker' : 'reg.stepStart')}</h3>
                <CopyText
                  key={way}
                  text={way === 'docker' ? START_DOCKER : START_BY_HAND}
                  what={t(`reg.${way}`)}
                />
              </li>
            </ol>
          )}
          <p className="hint fingerprint">
            {t('reg.handsOut', { version: agent.version, size: format.bytes(agent.bytes) })}{' '}
            <code title={agent.sha256}>{agent.sha256.slice(0, 16)}…</code>
          </p>
        </>
      )}
    </div>
  );
}

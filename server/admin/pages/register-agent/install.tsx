import { useState } from 'react';
import { Link } from 'wouter';
import type { RegisterAnswer } from '#contract/agent.ts';
import { useWords } from '../../i18n/words.tsx';
import { CopyText } from '../../parts/copy-text.tsx';
import { Field } from '../../parts/field.tsx';
import { focusOnMount } from '../../parts/focus.ts';
import { Notice } from '../../parts/notice.tsx';
import { Arrival } from './arrival.tsx';
import {
  AGENT_FOLDER,
  BUILD_AGENT,
  configFile,
  isLoopback,
  START_BY_HAND,
  START_DOCKER,
  START_SERVICE,
} from './install-texts.ts';

const STARTS = {
  byHand: START_BY_HAND,
  service: START_SERVICE,
  docker: START_DOCKER,
} as const;
type Start = keyof typeof STARTS;

/** The key, shown once, and the way from it to a running agent. */
export function Install({ agent, onAnother }: { agent: RegisterAnswer; onAnother: () => void }) {
  const { t } = useWords();
  const [network, setNetwork] = useState('192.168.1.0/24');
  const [start, setStart] = useState<Start>('byHand');
  const config = configFile({ serverUrl: location.origin, apiKey: agent.api_key, network });

  return (
    <section className="panel install" aria-labelledby="install-title">
      <h1 id="install-title" className="foreign" tabIndex={-1} ref={focusOnMount}>
        {t('reg.doneTitle', { name: agent.name })}
      </h1>
      <h2>{t('reg.key')}</h2>
      <CopyText text={agent.api_key} what={t('reg.key')} />
      <Notice kind="warn">{t('reg.keyOnce')}</Notice>
      {location.protocol === 'http:' && !isLoopback(location.hostname) ? (
        <Notice kind="info">{t('reg.insecure')}</Notice>
      ) : null}

      <ol className="steps">
        <li>
          <h2>{t('reg.step1')}</h2>
          <p>{t('reg.step1Text', { folder: AGENT_FOLDER })}</p>
          <CopyText text={BUILD_AGENT} />
        </li>
        <li>
          <h2>{t('reg.step2')}</h2>
          <Field label={t('reg.network')} hint={t('reg.networkHint')}>
            <input
              name="network"
              spellCheck={false}
              autoComplete="off"
              value={network}
              onChange={(event) => setNetwork(event.currentTarget.value)}
            />
          </Field>
          {isLoopback(location.hostname) ? (
            <Notice kind="info">{t('reg.loopback', { host: location.host })}</Notice>
          ) : null}
          <CopyText text={config} what="config.json" />
        </li>
        <li>
          <h2>{t('reg.step3')}</h2>
          <div className="switch" role="group" aria-label={t('reg.step3')}>
            {(['byHand', 'service', 'docker'] as const).map((one) => (
              <button
                key={one}
                type="button"
                aria-pressed={start === one}
                onClick={() => setStart(one)}
              >
                {t(`reg.${one}`)}
              </button>
            ))}
          </div>
          <CopyText key={start} text={STARTS[start]} what={t(`reg.${start}`)} />
        </li>
      </ol>
      <Arrival agentId={agent.id} />
      <div className="actions">
        <button type="button" onClick={onAnother}>
          {t('reg.another')}
        </button>
        <Link className="button" href="/">
          {t('reg.finish')}
        </Link>
      </div>
    </section>
  );
}

import type { ReactNode } from 'react';
import { agentState, type Agent } from '../../data/agents.ts';
import type { Miner } from '../../data/miners.ts';
import { useWords } from '../../i18n/words.tsx';
import { totalsOf } from './totals.ts';

/** The fleet in five numbers, each beside what it is measured against and how many stand behind it. */
export function Summary({
  miners,
  agents,
}: {
  miners: readonly Miner[];
  /** null: not for this reader's eyes. */
  agents: readonly Agent[] | null;
}) {
  const { t, format } = useWords();
  const totals = totalsOf(miners);
  const { expected, power, hottest, hashrate } = totals;

  return (
    <section className="panel summary" aria-label={t('sum.title')}>
      <Figure
        title={t('sum.hashrate')}
        value={format.hashrate(hashrate.from === 0 ? null : hashrate.ths)}
      >
        {expected
          ? t('sum.hashrateOf', {
              percent: format.percent(expected.share),
              expected: format.hashrate(expected.ths),
            })
          : t(hashrate.from === 0 ? 'sum.none' : 'sum.noExpected')}
        {hashrate.from === 0 ? null : (
          <small>
            {t('sum.hashrateFrom', { n: hashrate.from })}
            {expected && expected.from < hashrate.from
              ? t('sum.expectedFor', { n: expected.from })
              : ''}
          </small>
        )}
      </Figure>
      <Figure title={t('sum.power')} value={power ? format.power(power.watts) : format.power(null)}>
        {totals.efficiency === null
          ? t('sum.none')
          : t('sum.efficiency', { value: format.decimal(totals.efficiency) })}
        {power ? <small>{t('sum.powerFrom', { n: power.from })}</small> : null}
      </Figure>
      <Figure title={t('sum.hottest')} value={format.temperature(hottest?.temperature ?? null)}>
        <span className="foreign">{hottest ? hottest.name : t('sum.none')}</span>
        {hottest ? <small>{hottest.ip_address}</small> : null}
      </Figure>
      {agents ? <AgentsFigure agents={agents} /> : null}
    </section>
  );
}

function AgentsFigure({ agents }: { agents: readonly Agent[] }) {
  const { t } = useWords();
  const states = agents.map(agentState);
  const waiting = states.filter((state) => state === 'waiting').length;
  const silent = states.filter((state) => state === 'silent').length;
  const online = states.filter((state) => state === 'online').length;
  return (
    <Figure title={t('sum.agents')} value={t('sum.agentsOnline', { online, all: agents.length })}>
      <span className={silent > 0 ? 'bad-text' : ''}>
        {silent > 0 ? t('sum.agentsSilent', { n: silent }) : t('sum.agentsFine')}
      </span>
      {waiting > 0 ? <small>{t('sum.agentsWaiting', { n: waiting })}</small> : null}
    </Figure>
  );
}

function Figure(props: { title: string; value: string; children: ReactNode }) {
  return (
    <div className="figure">
      <h2>{props.title}</h2>
      <p className="value">{props.value}</p>
      <p className="beside">{props.children}</p>
    </div>
  );
}

import { Link } from 'wouter';
import type { AgentDetail } from '../../data/agents.ts';
import { useWords } from '../../i18n/words.tsx';
import { Ago } from '../../parts/ago.tsx';
import { Day } from '../../parts/day.tsx';
import { Figure } from '../../parts/panel.tsx';

/** From here on a clock is worth a look, as the agent's own log says. */
const CLOCK_WARN_MS = 30_000;

/** How the agent does, in five numbers. */
export function AgentFigures({ detail }: { detail: AgentDetail }) {
  const { t, format } = useWords();
  const { agent, sparklines } = detail;
  const { backlog, clock_error_ms: clock, cycle } = agent.ingest;
  const drain = detail.drain?.eta_s ?? null;
  const interval = cycle?.interval_s;
  return (
    <section className="panel summary five" aria-label={t('agent.now')}>
      <Figure
        title={t('agents.lastSeen')}
        value={agent.last_seen === null ? t('agents.never') : <Ago at={agent.last_seen} />}
      >
        {agent.report?.version ? t('agent.version', { version: agent.report.version }) : null}
      </Figure>
      <Figure
        title={t('agents.miners')}
        value={
          agent.miner_count === 0 ? (
            '0'
          ) : (
            <Link href={`/miners?agent_id=${agent.id}`}>{format.count(agent.miner_count)}</Link>
          )
        }
      >
        {cycle
          ? t('agent.answered', { reachable: cycle.reachable, miners: cycle.miners })
          : t('sum.none')}
      </Figure>
      <Figure
        title={t('agents.backlog')}
        value={
          backlog === null
            ? '—'
            : backlog.batches === 0
              ? t('agents.backlogNone')
              : t('agents.backlogBatches', { n: backlog.batches })
        }
      >
        {backlog === null ? (
          t('agent.notSaid')
        ) : backlog.batches === 0 ? (
          t('agent.backlogFine')
        ) : (
          <>
            {format.bytes(backlog.bytes)}
            {backlog.oldest === null ? null : (
              <>
                {' · '}
                {t('agent.oldest')} <Ago at={backlog.oldest} />
              </>
            )}
            {drain === null ? null : (
              <small>{t('agent.drain', { time: format.span(drain * 1000) })}</small>
            )}
          </>
        )}
        <Day
          values={sparklines?.backlog_batches}
          write={(n) => t('agents.backlogBatches', { n })}
        />
      </Figure>
      <Figure title={t('agent.cycle')} value={cycle ? format.span(cycle.duration_ms) : '—'}>
        {interval === undefined
          ? t('agent.notSaid')
          : t('agent.every', { time: format.span(interval * 1000) })}
        <Day values={sparklines?.cycle_ms} write={(value) => format.span(value)} />
      </Figure>
      <Figure title={t('agent.clock')} value={clock === null ? '—' : format.span(Math.abs(clock))}>
        {clock === null ? (
          t('agent.notSaid')
        ) : (
          <span className={Math.abs(clock) > CLOCK_WARN_MS ? 'bad-text' : ''}>
            {t(
              Math.abs(clock) < 1000
                ? 'agent.clockFine'
                : clock > 0
                  ? 'agent.ahead'
                  : 'agent.behind',
            )}
          </span>
        )}
      </Figure>
    </section>
  );
}

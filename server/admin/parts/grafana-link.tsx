import { useDashboard } from '../data/session.ts';
import { useWords } from '../i18n/words.tsx';

/** To the long history of what is shown; nothing where no Grafana is known. */
export function GrafanaLink(props: {
  dashboard: 'hashyard-fleet' | 'hashyard-miner';
  variables: Record<string, string>;
}) {
  const { t } = useWords();
  const href = useDashboard()(props.dashboard, props.variables);
  if (href === null) return null;
  return (
    <a className="button" href={href} target="_blank" rel="noreferrer">
      {t('app.history')}
    </a>
  );
}

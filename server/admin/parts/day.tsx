import { useWords } from '../i18n/words.tsx';
import { Spark } from './spark.tsx';

/** The last 24 hours of a value; nothing where nothing is known of them. */
export function Day(props: {
  values: readonly (number | null)[] | undefined;
  write: (value: number) => string;
}) {
  const { t } = useWords();
  const known = props.values?.filter((value) => value !== null) ?? [];
  if (!props.values || known.length === 0) return null;
  const from = props.write(Math.min(...known));
  const to = props.write(Math.max(...known));
  return <Spark values={props.values} title={t('miner.day', { from, to })} />;
}

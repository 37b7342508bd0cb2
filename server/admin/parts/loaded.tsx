import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { Link } from 'wouter';
import { ApiError, inWords } from '../api.ts';
import { useWords } from '../i18n/words.tsx';
import { Notice } from './notice.tsx';

/**
 * What a query knows: a still picture of the page while it is asked for the first time, then the page. What was true
 * stays when the server no longer answers, and is marked as not current.
 */
export function Loaded<Data>(props: {
  query: UseQueryResult<Data>;
  /** Panel heights of the still picture, px. */
  still?: readonly number[];
  children: (data: Data) => ReactNode;
}) {
  const { t, format } = useWords();
  const { query, still = [120, 420] } = props;
  const { data, error } = query;
  const gone = error instanceof ApiError && (error.status === 404 || error.status === 403);
  if (gone) {
    return (
      <div className="panel empty-state">
        <p>{t('app.gone')}</p>
        <Link className="button" href="/">
          {t('app.backHome')}
        </Link>
      </div>
    );
  }
  return (
    <>
      {data !== undefined ? (
        props.children(data)
      ) : query.isError ? null : (
        <div className="skeleton" role="status" aria-label={t('app.loading')}>
          {still.map((height) => (
            <div key={height} className="panel" style={{ height: `${height}px` }} />
          ))}
        </div>
      )}
      {query.isError ? (
        <div className="afloat">
          <Notice kind="bad" onRetry={() => void query.refetch()}>
            {data === undefined
              ? inWords(error, t)
              : t('error.stale', {
                  time: format.clock(query.dataUpdatedAt),
                  why: inWords(error, t),
                })}
          </Notice>
        </div>
      ) : null}
    </>
  );
}

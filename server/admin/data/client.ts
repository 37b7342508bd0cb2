import { MutationCache, QueryCache, QueryClient } from '@tanstack/react-query';
import { ApiError } from '../api.ts';
import { SESSION_KEY } from './session.ts';

/** How often what is on the screen is asked for again, ms. */
export const POLL_MS = 10_000;

/** The page's one cache. Whatever request first meets 401 ends the session for the whole page. */
export function makeClient(): QueryClient {
  const onError = (error: unknown) => {
    if (error instanceof ApiError && error.code === 'not_logged_in') {
      client.setQueryData(SESSION_KEY, null);
    }
  };
  const client: QueryClient = new QueryClient({
    queryCache: new QueryCache({ onError }),
    mutationCache: new MutationCache({ onError }),
    defaultOptions: {
      queries: {
        // A LAN without a way to the Internet is not "offline".
        networkMode: 'always',
        retry: (failures, error) =>
          failures < 1 && error instanceof ApiError && (error.status === 0 || error.status >= 500),
        retryDelay: 1_000,
      },
      mutations: { networkMode: 'always', retry: false },
    },
  });
  return client;
}

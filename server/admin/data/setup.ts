import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { api, ApiError } from '../api.ts';
import { SESSION_KEY } from './session.ts';

/** `open`: the first administrator can be made · `closed`: only with a new token · `done`: for ever. */
type SetupState = 'open' | 'closed' | 'done';

const SETUP_KEY = ['setup'] as const;

/** Asked only where nobody is logged in. */
export function useSetupState() {
  return useQuery({
    queryKey: SETUP_KEY,
    queryFn: async ({ signal }): Promise<SetupState> => {
      try {
        const { open } = await api.get<{ open: boolean }>('/api/setup', signal);
        return open ? 'open' : 'closed';
      } catch (error) {
        if (error instanceof ApiError && error.status === 404) return 'done';
        throw error;
      }
    },
    staleTime: Number.POSITIVE_INFINITY,
  });
}

export function useSetUp() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (first: { token: string; username: string; password: string }) =>
      api.post('/api/setup', first),
    onSuccess: async () => {
      client.removeQueries({ queryKey: SETUP_KEY });
      await client.refetchQueries({ queryKey: SESSION_KEY });
    },
    onError: (error) => {
      if (error instanceof ApiError && error.status === 404) {
        client.setQueryData(SETUP_KEY, 'done');
      }
    },
  });
}

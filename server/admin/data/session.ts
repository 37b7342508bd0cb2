import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { api, ApiError } from '../api.ts';

/** `GET /api/auth/me`, as far as this page uses it. */
interface Me {
  id: number;
  username: string;
  role: string;
}

export const SESSION_KEY = ['session'] as const;

/** Who is logged in; null = nobody. */
export function useSession() {
  return useQuery({
    queryKey: SESSION_KEY,
    queryFn: async ({ signal }): Promise<Me | null> => {
      try {
        return await api.get<Me>('/api/auth/me', signal);
      } catch (error) {
        if (error instanceof ApiError && error.status === 401) return null;
        throw error;
      }
    },
    staleTime: Number.POSITIVE_INFINITY,
  });
}

/** May the logged-in user create and register? The server decides again; this only hides what it would refuse. */
export function useIsAdmin(): boolean {
  return useSession().data?.role === 'admin';
}

export function useLogin() {
  const client = useQueryClient();
  return useMutation({
    // The answer's token is for scripts; the browser has the cookie, which no script can read.
    mutationFn: (credentials: { username: string; password: string }) =>
      api.post('/api/auth/login', credentials),
    onSuccess: () => client.refetchQueries({ queryKey: SESSION_KEY }),
  });
}

export function useLogout() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => api.post('/api/auth/logout'),
    onSuccess: () => {
      client.removeQueries({ predicate: (query) => query.queryKey[0] !== SESSION_KEY[0] });
      client.setQueryData(SESSION_KEY, null);
    },
  });
}

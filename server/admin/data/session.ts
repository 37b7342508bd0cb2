import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { api, ApiError } from '../api.ts';

/** `GET /api/auth/me`, as far as this page uses it. */
interface User {
  id: number;
  username: string;
  role: string;
}
interface Session {
  user: User;
  /** Routes of the server this user may use, as "POST /api/sites". */
  can: ReadonlySet<string>;
}

export const SESSION_KEY = ['session'] as const;

/** Who is logged in; null = nobody. */
export function useSession() {
  return useQuery({
    queryKey: SESSION_KEY,
    queryFn: async ({ signal }): Promise<Session | null> => {
      try {
        const user = await api.get<User>('/api/auth/me', signal);
        return { user, can: routesOf(user.role) };
      } catch (error) {
        if (error instanceof ApiError && error.status === 401) return null;
        throw error;
      }
    },
    staleTime: Number.POSITIVE_INFINITY,
  });
}

function routesOf(role: string): Set<string> {
  const staff =
    role === 'client' ? [] : ['GET /api/agents', 'GET /api/agents/:id', 'GET /api/install'];
  const admin = ['POST /api/sites', 'POST /api/agent/register', 'POST /api/agents/:id/keys'];
  return new Set([...staff, ...(role === 'admin' ? admin : [])]);
}

/** The logged-in user. Only below the gate in app.tsx, which lets nobody else in. */
export function useUser(): User {
  const { data } = useSession();
  if (!data) throw new Error('useUser outside a session');
  return data.user;
}

/** May the logged-in user use this route? The server decides again; this only hides what it would refuse. */
export function useMay(): (route: string) => boolean {
  const { data } = useSession();
  return (route) => data?.can.has(route) ?? false;
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

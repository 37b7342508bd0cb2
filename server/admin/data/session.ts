import { queryOptions, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { api, ApiError } from '../api.ts';

export const ROLES = ['admin', 'operator', 'viewer', 'accountant', 'client'] as const;
export type Role = (typeof ROLES)[number];

interface User {
  id: number;
  username: string;
  role: Role;
  /** Sees only the sites and containers granted to it. */
  limited: boolean;
}
/** `GET /api/auth/session`, as far as this page uses it. */
interface Session {
  user: User;
  /** Where the long history is drawn; null: nobody has said. */
  grafanaUrl: string | null;
  /** Routes of the server this user may use, as "POST /api/sites". */
  can: ReadonlySet<string>;
}

export const SESSION_KEY = ['session'] as const;

/** Who is logged in; null = nobody. The page begins with this question. */
export const sessionQuery = queryOptions({
  queryKey: SESSION_KEY,
  queryFn: async ({ signal }): Promise<Session | null> => {
    try {
      const { user, can, grafana_url } = await api.get<{
        user: User;
        can: string[];
        grafana_url: string | null;
      }>('/api/auth/session', signal);
      return { user, can: new Set(can), grafanaUrl: grafana_url };
    } catch (error) {
      if (error instanceof ApiError && error.status === 401) return null;
      throw error;
    }
  },
  staleTime: Number.POSITIVE_INFINITY,
});

export const useSession = () => useQuery(sessionQuery);

/** The logged-in user. Only below the gate in app.tsx, which lets nobody else in. */
export function useUser(): User {
  const { data } = useSession();
  if (!data) throw new Error('useUser outside a session');
  return data.user;
}

/** Address of a dashboard of Grafana with its variables set; null where no Grafana is known. */
export function useDashboard(): (uid: string, variables: Record<string, string>) => string | null {
  const base = useSession().data?.grafanaUrl ?? null;
  return (uid, variables) => {
    if (base === null) return null;
    const query = new URLSearchParams();
    for (const [name, value] of Object.entries(variables)) query.set(`var-${name}`, value);
    return `${base}/d/${uid}${query.size > 0 ? `?${query}` : ''}`;
  };
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

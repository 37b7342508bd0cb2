import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { api } from '../api.ts';

/** One of the own sessions. */
export interface OwnSession {
  id: number;
  created_at: string;
  last_used_at: string;
  expires_at: string;
  ip: string | null;
  user_agent: string | null;
  /** The one of this page. */
  current: boolean;
}

/** One of the own tokens for scripts. */
export interface Token {
  id: number;
  name: string;
  token_id: string;
  scope: 'read' | 'write';
  created_at: string;
  expires_at: string | null;
  revoked_at: string | null;
  last_used_at: string | null;
}

const SESSIONS_KEY = ['own sessions'] as const;
const TOKENS_KEY = ['own tokens'] as const;

export function useOwnSessions() {
  return useQuery({
    queryKey: SESSIONS_KEY,
    queryFn: ({ signal }) => api.get<OwnSession[]>('/api/auth/sessions', signal),
  });
}

export function useEndSession() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (id: number) => api.delete(`/api/auth/sessions/${id}`),
    onSuccess: () => client.invalidateQueries({ queryKey: SESSIONS_KEY }),
  });
}

export function useTokens() {
  return useQuery({
    queryKey: TOKENS_KEY,
    queryFn: ({ signal }) => api.get<Token[]>('/api/auth/tokens', signal),
  });
}

export function useMakeToken() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (wanted: { name: string; scope: Token['scope']; days: number | null }) =>
      api.post<Token & { token: string }>('/api/auth/tokens', wanted),
    // The answer carries the token: it must not outlive the page that shows it.
    gcTime: 0,
    onSuccess: () => client.invalidateQueries({ queryKey: TOKENS_KEY }),
  });
}

export function useRevokeToken(id: number) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => api.delete(`/api/auth/tokens/${id}`),
    onSuccess: () => client.invalidateQueries({ queryKey: TOKENS_KEY }),
  });
}

export function useChangePassword() {
  return useMutation({
    mutationFn: (change: { password: string; new_password: string }) =>
      api.post('/api/auth/password', change),
    gcTime: 0,
  });
}

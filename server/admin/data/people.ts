import {
  useInfiniteQuery,
  useMutation,
  useQuery,
  useQueryClient,
  type InfiniteData,
} from '@tanstack/react-query';
import { api } from '../api.ts';
import type { Role } from './session.ts';

interface Place {
  id: number;
  name: string;
}

/** One of `GET /api/people`. */
export interface Person {
  id: number;
  username: string;
  email: string | null;
  role: Role;
  is_active: boolean;
  limited: boolean;
  sites: Place[];
  containers: Place[];
  created_at: string;
  last_login_at: string | null;
  sessions: number;
  tokens: number;
}

/** What administrators set of a user. Without `password` it stays. */
export interface PersonChange {
  email: string | null;
  role: Role;
  limited: boolean;
  is_active: boolean;
  site_ids: number[];
  container_ids: number[];
  password?: string;
}

const PEOPLE_KEY = ['people'] as const;

export function usePeople() {
  return useQuery({
    queryKey: PEOPLE_KEY,
    queryFn: ({ signal }) => api.get<Person[]>('/api/people', signal),
  });
}

/** `id` null: a new user, who needs a name and a password. */
export function useSavePerson(id: number | null) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ username, ...change }: PersonChange & { username: string }) =>
      id === null
        ? api.post<Person>('/api/people', { username, ...change })
        : api.patch<Person>(`/api/people/${id}`, change),
    gcTime: 0,
    onSuccess: () => client.invalidateQueries({ queryKey: PEOPLE_KEY }),
  });
}

export function useEndSessions(personId: number) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => api.delete(`/api/people/${personId}/sessions`),
    onSuccess: () => client.invalidateQueries({ queryKey: PEOPLE_KEY }),
  });
}

/** One of `GET /api/audit`: who did what. */
export interface AuditEntry {
  id: string;
  at: string;
  username: string | null;
  via: string;
  action: string;
  object_type: string | null;
  object_id: string | null;
  object_name: string | null;
  before: unknown;
  after: unknown;
  ip: string | null;
}
interface AuditPage {
  entries: AuditEntry[];
  next_before: string | null;
}

/** The newest first, page by page. */
export function useAudit() {
  return useInfiniteQuery({
    queryKey: ['audit'],
    queryFn: ({ pageParam, signal }) =>
      api.get<AuditPage>(
        pageParam === null ? '/api/audit' : `/api/audit?before=${pageParam}`,
        signal,
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next_before,
    select: (data: InfiniteData<AuditPage>) => data.pages.flatMap((page) => page.entries),
  });
}

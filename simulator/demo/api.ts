import type { RegisterAnswer } from '#contract/agent.ts';

/** What an administrator's script may ask of the server. Every call throws on any answer but 200. */
export interface AdminApi {
  createSite(name: string, location: string): Promise<{ id: number }>;
  registerAgent(name: string, siteId: number): Promise<RegisterAnswer>;
}

export async function logIn(url: string, username: string, password: string): Promise<AdminApi> {
  const call = async <T>(path: string, body: object, token?: string): Promise<T> => {
    const answer = await fetch(`${url}${path}`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      },
      body: JSON.stringify(body),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`POST ${path} was answered ${answer.status}: ${text}`);
    return JSON.parse(text) as T;
  };
  const { access_token: token } = await call<{ access_token: string }>('/api/auth/login', {
    username,
    password,
  });
  return {
    createSite: (name, location) => call('/api/sites', { name, location }, token),
    registerAgent: (name, siteId) => call('/api/agent/register', { name, site_id: siteId }, token),
  };
}

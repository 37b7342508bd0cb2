/** Logs in and answers a function that asks the server as that person; it throws on any refusal. */
export async function openAdmin(
  url: string,
  person: { username: string; password: string },
): Promise<{ token: string; ask: <T>(method: string, path: string, body?: object) => Promise<T> }> {
  const send = async (method: string, path: string, body?: object, token?: string) => {
    const answer = await fetch(url + path, {
      method,
      headers: {
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path} was answered ${answer.status}: ${text}`);
    return text === '' ? null : (JSON.parse(text) as unknown);
  };
  const login = (await send('POST', '/api/auth/login', person)) as { access_token: string };
  const token = login.access_token;
  return {
    token,
    ask: async <T>(method: string, path: string, body?: object) =>
      (await send(method, path, body, token)) as T,
  };
}

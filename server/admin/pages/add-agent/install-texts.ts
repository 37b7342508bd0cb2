/** What one agent needs to know. */
export interface Installation {
  /** Where agents reach this server, e.g. "http://10.0.0.5:8000". */
  serverUrl: string;
  apiKey: string;
  /** Ranges the agent scans, separated by commas. */
  network: string;
}

/** The whole of `config.json`; everything else has defaults. */
export function configFile({ serverUrl, apiKey, network }: Installation): string {
  const config = { server_url: serverUrl, api_key: apiKey, network_cidr: network };
  return JSON.stringify(config, null, 2);
}

// No command carries the key: it would stay in the shell's history and show in `ps`. The script asks for it.

/** Any text as one word of a shell. */
const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

/** Asks for the key, installs the agent as a systemd service and starts it; again, updates it. */
export function oneLine({ serverUrl, network }: Omit<Installation, 'apiKey'>): string {
  return `curl -fsSL ${quoted(`${serverUrl}/install.sh`)} | sudo AGENT_NETWORK=${quoted(network)} sh`;
}

/** The program, checked, in a folder of its own. */
export function download({ serverUrl, sha256 }: { serverUrl: string; sha256: string }): string {
  return `mkdir -p hashyard-agent && cd hashyard-agent
curl -fsSLO ${quoted(`${serverUrl}/install/hashyard-agent.mjs`)}
echo '${sha256}  hashyard-agent.mjs' | sha256sum -c`;
}

export const START_BY_HAND = `chmod 600 config.json
node hashyard-agent.mjs check
node hashyard-agent.mjs run`;

// The host's network, so that the agent sees the miners as the host does.
export const START_DOCKER = `chmod 600 config.json
docker run -d --name hashyard-agent --restart unless-stopped --network host \\
  -v "$PWD":/agent -w /agent node:24-slim node hashyard-agent.mjs run
docker logs -f hashyard-agent`;

/** Is the host one that means this very machine to whoever reads it? */
export function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || hostname.startsWith('127.');
}

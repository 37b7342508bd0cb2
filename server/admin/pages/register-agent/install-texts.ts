/** What one agent needs to know. */
export interface Installation {
  /** Where agents reach this server, e.g. "http://10.0.0.5:8000". */
  serverUrl: string;
  apiKey: string;
  /** CIDR the agent scans. */
  network: string;
}

/** The whole of `config.json`; everything else has defaults. */
export function configFile({ serverUrl, apiKey, network }: Installation): string {
  const config = {
    server_url: serverUrl,
    api_key: apiKey,
    network_cidr: network,
    scan_interval: 300,
    poll_interval: 60,
  };
  return JSON.stringify(config, null, 2);
}

export const AGENT_FOLDER = 'dist/agent';
export const BUILD_AGENT = 'npm run build:agent';

// No command carries the key: it would stay in the shell's history and show in `ps`.

export const START_BY_HAND = `chmod 600 config.json
node hashyard-agent.mjs check
node hashyard-agent.mjs run`;

// The unit runs as a user of its own: only systemd, as root, reads the file with the key and hands it over.
export const START_SERVICE = `sudo install -D -m 644 hashyard-agent.mjs /opt/hashyard-agent/hashyard-agent.mjs
sudo install -m 600 config.json /opt/hashyard-agent/config.json
sudo install -m 644 miners-agent.service /etc/systemd/system/
sudo systemctl daemon-reload
sudo systemctl enable --now miners-agent
journalctl -u miners-agent -f`;

// The host's network, so that the agent sees the miners as the host does.
export const START_DOCKER = `chmod 600 config.json
docker run -d --name hashyard-agent --restart unless-stopped --network host \\
  -v "$PWD":/agent -w /agent node:24-slim node hashyard-agent.mjs run
docker logs -f hashyard-agent`;

/** Is the host one that means this very machine to whoever reads it? */
export function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || hostname.startsWith('127.');
}

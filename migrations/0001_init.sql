-- People -------------------------------------------------------------------------------------

CREATE TABLE users (
  id            integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  username      text NOT NULL CHECK (username <> ''),
  email         text,
  -- admin: everything · operator: names, tags, notes · viewer: read.
  -- accountant and client are the old system's readers; a client sees the containers granted to it.
  role          text NOT NULL CHECK (role IN ('admin', 'operator', 'viewer', 'accountant', 'client')),
  -- PHC string of argon2id.
  password_hash text NOT NULL,
  is_active     boolean NOT NULL DEFAULT true,
  created_at    timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX users_username ON users (lower(username));

CREATE TABLE sessions (
  id           integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  user_id      integer NOT NULL REFERENCES users ON DELETE CASCADE,
  token_sha256 bytea NOT NULL UNIQUE CHECK (length(token_sha256) = 32),
  created_at   timestamptz NOT NULL DEFAULT now(),
  last_used_at timestamptz NOT NULL DEFAULT now(),
  expires_at   timestamptz NOT NULL,
  ip           text,
  user_agent   text
);
CREATE INDEX sessions_user ON sessions (user_id);

-- Personal tokens for scripts: "hyu_<token_id>_<secret><crc>", the secret only as SHA-256.
CREATE TABLE api_tokens (
  id           integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  user_id      integer NOT NULL REFERENCES users ON DELETE CASCADE,
  name         text NOT NULL,
  token_id     text NOT NULL UNIQUE,
  secret_sha256 bytea NOT NULL CHECK (length(secret_sha256) = 32),
  created_at   timestamptz NOT NULL DEFAULT now(),
  expires_at   timestamptz,
  revoked_at   timestamptz,
  last_used_at timestamptz
);

-- Inventory ----------------------------------------------------------------------------------

CREATE TABLE sites (
  id          integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name        text NOT NULL UNIQUE CHECK (name <> ''),
  description text,
  location    text,
  created_at  timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE containers (
  id          integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name        text NOT NULL CHECK (name <> ''),
  description text,
  location    text,
  site_id     integer REFERENCES sites,
  created_at  timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX containers_site ON containers (site_id);

CREATE TABLE pools (
  id          integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name        text NOT NULL UNIQUE CHECK (name <> ''),
  description text,
  created_at  timestamptz NOT NULL DEFAULT now()
);

-- Which containers a user of role "client" may see.
CREATE TABLE container_grants (
  user_id      integer NOT NULL REFERENCES users ON DELETE CASCADE,
  container_id integer NOT NULL REFERENCES containers ON DELETE CASCADE,
  PRIMARY KEY (user_id, container_id)
);

CREATE TABLE agents (
  id           integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name         text NOT NULL UNIQUE CHECK (name <> ''),
  description  text,
  site_id      integer REFERENCES sites,
  is_active    boolean NOT NULL DEFAULT true,
  created_at   timestamptz NOT NULL DEFAULT now(),
  last_seen_at timestamptz,
  last_ip      text,
  -- What our agents say of themselves with each batch (contract/sync.ts, agentReport); null for old agents.
  report       jsonb
);
CREATE INDEX agents_site ON agents (site_id);

-- "hy_<key_id>_<secret><crc>", the secret only as SHA-256. Two live keys allow a rotation.
CREATE TABLE agent_keys (
  id            integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  agent_id      integer NOT NULL REFERENCES agents ON DELETE CASCADE,
  key_id        text NOT NULL UNIQUE,
  secret_sha256 bytea NOT NULL CHECK (length(secret_sha256) = 32),
  created_at    timestamptz NOT NULL DEFAULT now(),
  created_by    integer REFERENCES users ON DELETE SET NULL,
  revoked_at    timestamptz,
  last_used_at  timestamptz
);
CREATE INDEX agent_keys_agent ON agent_keys (agent_id);

-- scope: "site-<id>", or "agent-<id>" while the agent has no site. Two scopes never share a miner.
CREATE TABLE miners (
  id                 integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  scope              text NOT NULL,
  site_id            integer REFERENCES sites,
  agent_id           integer REFERENCES agents ON DELETE SET NULL,
  name               text NOT NULL,
  ip_address         inet NOT NULL,
  port               integer NOT NULL CHECK (port BETWEEN 1 AND 65535),
  mac                text CHECK (mac ~ '^[0-9a-f]{12}$'),
  serial             text,
  hostname           text,
  manufacturer       text,
  model              text,
  model_raw          text,
  family             text,
  firmware           text,
  firmware_version   text,
  algorithm          text,
  control_board      text,
  container_id       integer REFERENCES containers,
  pool_id            integer REFERENCES pools,
  tags               text[] NOT NULL DEFAULT '{}',
  is_active          boolean NOT NULL DEFAULT true,
  is_auto_discovered boolean NOT NULL DEFAULT true,
  created_at         timestamptz NOT NULL DEFAULT now(),
  -- When the address, model and firmware above were true: an older batch never overwrites them.
  seen_at            timestamptz NOT NULL
);
CREATE INDEX miners_scope_address ON miners (scope, ip_address, port);
CREATE INDEX miners_site ON miners (site_id);
CREATE INDEX miners_container ON miners (container_id);
CREATE INDEX miners_pool ON miners (pool_id);
CREATE INDEX miners_tags ON miners USING gin (tags);

-- Every series key a miner is or was known by (MAC, "sn-<serial>", "ip-a-b-c-d-port"). The keys are the
-- values of the InfluxDB tag "miner", so a miner's history is the union over its rows here.
CREATE TABLE miner_keys (
  scope      text NOT NULL,
  key        text NOT NULL,
  miner_id   integer NOT NULL REFERENCES miners ON DELETE CASCADE,
  first_at   timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (scope, key)
);
CREATE INDEX miner_keys_miner ON miner_keys (miner_id);

-- The newest sample of each miner: one narrow row, rewritten each poll. `at` is the sample's own time.
CREATE TABLE miner_latest (
  miner_id       integer PRIMARY KEY REFERENCES miners ON DELETE CASCADE,
  at             timestamptz NOT NULL,
  reachable      boolean NOT NULL,
  reason         text,
  hashrate_ths   double precision,
  expected_ths   double precision,
  power_w        double precision,
  temp_c         double precision,
  temp_chip_c    double precision,
  fan_rpm        double precision,
  accepted       double precision,
  rejected       double precision,
  uptime_s       double precision,
  mining         boolean,
  -- Boards, fans, pools and errors as last reported (contract/miner.ts names).
  detail         jsonb,
  -- When the miner last answered; stays while it is unreachable.
  answered_at    timestamptz
) WITH (fillfactor = 50);

-- Ingest -------------------------------------------------------------------------------------

-- A batch that is stored completely. Pruned after 30 days.
CREATE TABLE ingest_receipts (
  queue_id   uuid NOT NULL,
  seq        bigint NOT NULL,
  sha256     bytea NOT NULL CHECK (length(sha256) = 32),
  agent_id   integer NOT NULL REFERENCES agents ON DELETE CASCADE,
  samples    integer NOT NULL,
  answer     jsonb NOT NULL,
  first_at   timestamptz NOT NULL DEFAULT now(),
  deliveries integer NOT NULL DEFAULT 1,
  PRIMARY KEY (queue_id, seq)
);
CREATE INDEX ingest_receipts_first_at ON ingest_receipts (first_at);

-- Samples that could not be stored, each with its reason (contract/refusals.ts, quarantineCode).
-- `digest` makes a repeated delivery of the same sample one row.
CREATE TABLE ingest_quarantine (
  id        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  agent_id  integer NOT NULL REFERENCES agents ON DELETE CASCADE,
  scope     text NOT NULL,
  queue_id  uuid,
  seq       bigint,
  idx       integer NOT NULL,
  code      text NOT NULL,
  detail    text NOT NULL,
  sample    jsonb NOT NULL,
  digest    bytea NOT NULL CHECK (length(digest) = 32),
  at        timestamptz NOT NULL DEFAULT now(),
  UNIQUE (agent_id, digest)
);

-- Samples the agents lost and said so.
CREATE TABLE ingest_gaps (
  agent_id integer NOT NULL REFERENCES agents ON DELETE CASCADE,
  gap_id   text NOT NULL,
  from_at  timestamptz NOT NULL,
  to_at    timestamptz NOT NULL,
  batches  integer NOT NULL,
  samples  integer NOT NULL,
  reason   text NOT NULL,
  at       timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (agent_id, gap_id)
);

-- Line protocol InfluxDB could not take, kept for agents that do not retry; drained in order of id.
CREATE TABLE pending_samples (
  id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  agent_id integer NOT NULL REFERENCES agents ON DELETE CASCADE,
  scope    text NOT NULL,
  samples  integer NOT NULL,
  lines    text NOT NULL,
  digest   bytea NOT NULL UNIQUE CHECK (length(digest) = 32),
  at       timestamptz NOT NULL DEFAULT now()
);

-- The newest scan of each agent (contract/sync.ts, scanReport).
CREATE TABLE scan_reports (
  agent_id    integer PRIMARY KEY REFERENCES agents ON DELETE CASCADE,
  finished_at timestamptz NOT NULL,
  report      jsonb NOT NULL
);

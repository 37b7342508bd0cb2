-- What the admin page needs: who may see and do what, what was done by whom, what people say of sites, containers
-- and miners, where miners have been, and what is wrong now.

-- People ------------------------------------------------------------------------------------------

-- A limited viewer sees the sites and containers granted to it, like a client.
ALTER TABLE users
  ADD COLUMN is_limited boolean NOT NULL DEFAULT false,
  ADD COLUMN last_login_at timestamptz,
  ADD CONSTRAINT users_limited_check CHECK (NOT is_limited OR role = 'viewer');

-- Which sites, with all that stands in them, a limited user may see.
CREATE TABLE site_grants (
  user_id integer NOT NULL REFERENCES users ON DELETE CASCADE,
  site_id integer NOT NULL REFERENCES sites ON DELETE CASCADE,
  PRIMARY KEY (user_id, site_id)
);

-- When its user last gave the password in this session.
ALTER TABLE sessions ADD COLUMN confirmed_at timestamptz;
UPDATE sessions SET confirmed_at = created_at;
ALTER TABLE sessions ALTER COLUMN confirmed_at SET NOT NULL;

-- scope: read, or all its user may do · role: at most this one, null: the user's own.
ALTER TABLE api_tokens
  ADD COLUMN scope text NOT NULL DEFAULT 'write' CHECK (scope IN ('read', 'write')),
  ADD COLUMN role text CHECK (role IN ('operator', 'viewer'));
CREATE INDEX api_tokens_user ON api_tokens (user_id);

-- Who did what. Rows are added and never changed: the names are copies, and nothing here refers to anything.
CREATE TABLE audit_log (
  id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at          timestamptz NOT NULL,
  user_id     integer,
  username    text,
  via         text NOT NULL CHECK (via IN ('login', 'session', 'token', 'setup', 'command line')),
  action      text NOT NULL,
  object_type text,
  object_id   text,
  object_name text,
  before      jsonb,
  after       jsonb,
  ip          text
);
CREATE INDEX audit_log_object ON audit_log (object_type, object_id, id);
CREATE INDEX audit_log_user ON audit_log (user_id, id);

CREATE FUNCTION audit_log_refuses() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'audit_log takes new rows only: % refused', TG_OP;
END
$$;
CREATE TRIGGER audit_log_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_log
  FOR EACH STATEMENT EXECUTE FUNCTION audit_log_refuses();

-- Inventory ---------------------------------------------------------------------------------------

ALTER TABLE sites
  -- IANA name, "Asia/Irkutsk".
  ADD COLUMN time_zone text,
  ADD COLUMN tariff_per_kwh double precision CHECK (tariff_per_kwh >= 0),
  -- ISO 4217.
  ADD COLUMN currency text CHECK (currency ~ '^[A-Z]{3}$'),
  ADD COLUMN capacity_w double precision CHECK (capacity_w >= 0),
  -- For how many miners there is room.
  ADD COLUMN places integer CHECK (places >= 0);
ALTER TABLE containers
  ADD COLUMN capacity_w double precision CHECK (capacity_w >= 0),
  ADD COLUMN places integer CHECK (places >= 0);

ALTER TABLE miners
  ADD COLUMN note text,
  -- By hand; outweighs what the miner says it should do.
  ADD COLUMN expected_ths double precision CHECK (expected_ths > 0),
  ADD COLUMN retired_at timestamptz,
  -- What a search looks through, besides the worker.
  ADD COLUMN search text GENERATED ALWAYS AS (lower(
    name || ' ' || host(ip_address) || ' ' || coalesce(mac, '') || ' ' || coalesce(serial, '') || ' ' ||
    coalesce(hostname, ''))) STORED;
UPDATE miners SET retired_at = now() WHERE NOT is_active;
ALTER TABLE miners ADD CONSTRAINT miners_retired_check CHECK (is_active = (retired_at IS NULL));
CREATE INDEX miners_agent ON miners (agent_id);

-- `is_active` is how the replaced API says it.
CREATE FUNCTION miners_note_retirement() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.retired_at := CASE WHEN NOT NEW.is_active THEN coalesce(NEW.retired_at, now()) END;
  RETURN NEW;
END
$$;
CREATE TRIGGER miners_retirement BEFORE INSERT OR UPDATE OF is_active ON miners
  FOR EACH ROW EXECUTE FUNCTION miners_note_retirement();

-- Every address a miner has been at, from `since` until the next row. The newest 200 of a miner are kept.
CREATE TABLE miner_addresses (
  id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  miner_id   integer NOT NULL REFERENCES miners ON DELETE CASCADE,
  ip_address inet NOT NULL,
  port       integer NOT NULL,
  since      timestamptz NOT NULL
);
CREATE INDEX miner_addresses_miner ON miner_addresses (miner_id, id);
INSERT INTO miner_addresses (miner_id, ip_address, port, since)
SELECT id, ip_address, port, created_at FROM miners ORDER BY id;

CREATE FUNCTION miners_note_address() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO miner_addresses (miner_id, ip_address, port, since)
  VALUES (NEW.id, NEW.ip_address, NEW.port, NEW.seen_at);
  IF TG_OP = 'UPDATE' THEN
    DELETE FROM miner_addresses WHERE miner_id = NEW.id AND id <= (
      SELECT id FROM miner_addresses WHERE miner_id = NEW.id ORDER BY id DESC OFFSET 200 LIMIT 1);
  END IF;
  RETURN NULL;
END
$$;
CREATE TRIGGER miners_first_address AFTER INSERT ON miners
  FOR EACH ROW EXECUTE FUNCTION miners_note_address();
CREATE TRIGGER miners_address AFTER UPDATE OF ip_address, port ON miners
  FOR EACH ROW WHEN (NEW.ip_address <> OLD.ip_address OR NEW.port <> OLD.port)
  EXECUTE FUNCTION miners_note_address();

-- User at the pool the miner works for, as last reported.
ALTER TABLE miner_latest ADD COLUMN worker text;
UPDATE miner_latest SET worker = coalesce(
  jsonb_path_query_first(detail, '$.pools[*] ? (@.active == true).user') #>> '{}',
  jsonb_path_query_first(detail, '$.pools[0].user') #>> '{}');

-- As before, but what people expect of a miner outweighs what it says itself.
CREATE OR REPLACE VIEW grafana.miners AS
SELECT
  m.id,
  m.scope,
  coalesce(s.name, o.name || ' (no site)', m.scope) AS site,
  m.name,
  coalesce((SELECT string_agg(k.key, '|' ORDER BY k.key) FROM public.miner_keys k WHERE k.miner_id = m.id), 'none') AS keys,
  coalesce((SELECT string_agg(DISTINCT k.scope, '|') FROM public.miner_keys k WHERE k.miner_id = m.id), m.scope) AS scopes,
  host(m.ip_address) AS ip_address,
  m.port,
  m.mac,
  m.serial,
  m.hostname,
  m.manufacturer,
  m.model,
  m.model_raw,
  m.family,
  m.firmware,
  m.firmware_version,
  m.algorithm,
  m.control_board,
  c.name AS container,
  m.tags,
  a.name AS agent,
  m.is_active,
  m.created_at,
  CASE
    WHEN coalesce(a.last_seen_at < now() - p.patience, true) THEN 'unknown'
    WHEN coalesce(l.at < now() - p.patience - interval '10 minutes', true) THEN 'unknown'
    WHEN NOT l.reachable THEN 'offline'
    WHEN l.mining IS FALSE OR l.hashrate_ths = 0 THEN 'idle'
    WHEN l.hashrate_ths < 0.9 * coalesce(m.expected_ths, l.expected_ths) THEN 'degraded'
    WHEN l.hashrate_ths > 0 OR l.mining THEN 'hashing'
    ELSE 'unknown'
  END AS state,
  l.reason,
  l.at,
  l.answered_at,
  l.hashrate_ths,
  coalesce(m.expected_ths, l.expected_ths) AS expected_ths,
  100 * l.hashrate_ths / nullif(coalesce(m.expected_ths, l.expected_ths), 0) AS percent_of_expected,
  l.power_w,
  l.power_w / nullif(l.hashrate_ths, 0) AS efficiency_j_th,
  l.temp_c,
  l.temp_chip_c,
  l.fan_rpm,
  l.accepted,
  l.rejected,
  l.uptime_s
FROM public.miners m
LEFT JOIN public.miner_latest l ON l.miner_id = m.id
LEFT JOIN public.sites s ON m.scope = 'site-' || s.id
LEFT JOIN public.agents o ON m.scope = 'agent-' || o.id
LEFT JOIN public.containers c ON c.id = m.container_id
LEFT JOIN public.agents a ON a.id = m.agent_id
CROSS JOIN LATERAL (
  SELECT least(greatest(3 * coalesce((a.report #>> '{cycle,interval_s}')::float8, 60), 180), 10800)
    * interval '1 second' AS patience
) p;

-- What is wrong -----------------------------------------------------------------------------------

-- One row for what is or was wrong in the last minutes: of a miner, of an agent, or (neither) of the server. A row
-- speaks of now when its `seen_at` is the time of the last check. One that comes back within minutes is the same.
CREATE TABLE problems (
  id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  cause    text NOT NULL,
  miner_id integer REFERENCES miners ON DELETE CASCADE,
  agent_id integer REFERENCES agents ON DELETE CASCADE,
  since    timestamptz NOT NULL,
  seen_at  timestamptz NOT NULL,
  detail   jsonb NOT NULL,
  acked_at timestamptz,
  acked_by text,
  ack_note text,
  CHECK (num_nonnulls(miner_id, agent_id) <= 1),
  UNIQUE NULLS NOT DISTINCT (miner_id, agent_id, cause)
) WITH (fillfactor = 50);
CREATE INDEX problems_agent ON problems (agent_id);

CREATE TABLE problem_checks (
  one        boolean PRIMARY KEY DEFAULT true CHECK (one),
  checked_at timestamptz NOT NULL
);

-- System ------------------------------------------------------------------------------------------

-- Bytes on disk once a day, for the forecast: "postgres", "influx <database>".
CREATE TABLE storage_sizes (
  day   date NOT NULL,
  what  text NOT NULL,
  bytes bigint NOT NULL,
  PRIMARY KEY (day, what)
);

-- Made by "npm run schema:dump" from migrations/*.sql; not to be edited.

CREATE TABLE agent_keys (
  id integer GENERATED ALWAYS AS IDENTITY NOT NULL,
  agent_id integer NOT NULL,
  key_id text NOT NULL,
  secret_sha256 bytea NOT NULL,
  created_at timestamp with time zone DEFAULT now() NOT NULL,
  created_by integer,
  revoked_at timestamp with time zone,
  last_used_at timestamp with time zone,
  CONSTRAINT agent_keys_agent_id_fkey FOREIGN KEY (agent_id) REFERENCES agents(id) ON DELETE CASCADE,
  CONSTRAINT agent_keys_created_by_fkey FOREIGN KEY (created_by) REFERENCES users(id) ON DELETE SET NULL,
  CONSTRAINT agent_keys_key_id_key UNIQUE (key_id),
  CONSTRAINT agent_keys_pkey PRIMARY KEY (id),
  CONSTRAINT agent_keys_secret_sha256_check CHECK ((length(secret_sha256) = 32))
);
CREATE INDEX agent_keys_agent ON public.agent_keys USING btree (agent_id);

CREATE TABLE agents (
  id integer GENERATED ALWAYS AS IDENTITY NOT NULL,
  name text NOT NULL,
  description text,
  site_id integer,
  is_active boolean DEFAULT true NOT NULL,
  created_at timestamp with time zone DEFAULT now() NOT NULL,
  last_seen_at timestamp with time zone,
  last_ip text,
  report jsonb,
  CONSTRAINT agents_name_check CHECK ((name <> ''::text)),
  CONSTRAINT agents_name_key UNIQUE (name),
  CONSTRAINT agents_pkey PRIMARY KEY (id),
  CONSTRAINT agents_site_id_fkey FOREIGN KEY (site_id) REFERENCES sites(id)
);
CREATE INDEX agents_site ON public.agents USING btree (site_id);

CREATE TABLE api_tokens (
  id integer GENERATED ALWAYS AS IDENTITY NOT NULL,
  user_id integer NOT NULL,
  name text NOT NULL,
  token_id text NOT NULL,
  secret_sha256 bytea NOT NULL,
  created_at timestamp with time zone DEFAULT now() NOT NULL,
  expires_at timestamp with time zone,
  revoked_at timestamp with time zone,
  last_used_at timestamp with time zone,
  scope text DEFAULT 'write'::text NOT NULL,
  role text,
  CONSTRAINT api_tokens_pkey PRIMARY KEY (id),
  CONSTRAINT api_tokens_role_check CHECK ((role = ANY (ARRAY['operator'::text, 'viewer'::text]))),
  CONSTRAINT api_tokens_scope_check CHECK ((scope = ANY (ARRAY['read'::text, 'write'::text]))),
  CONSTRAINT api_tokens_secret_sha256_check CHECK ((length(secret_sha256) = 32)),
  CONSTRAINT api_tokens_token_id_key UNIQUE (token_id),
  CONSTRAINT api_tokens_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE CASCADE
);
CREATE INDEX api_tokens_user ON public.api_tokens USING btree (user_id);

CREATE TABLE audit_log (
  id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  at timestamp with time zone NOT NULL,
  user_id integer,
  username text,
  via text NOT NULL,
  action text NOT NULL,
  object_type text,
  object_id text,
  object_name text,
  before jsonb,
  after jsonb,
  ip text,
  CONSTRAINT audit_log_pkey PRIMARY KEY (id),
  CONSTRAINT audit_log_via_check CHECK ((via = ANY (ARRAY['login'::text, 'session'::text, 'token'::text, 'setup'::text, 'command line'::text])))
);
CREATE INDEX audit_log_object ON public.audit_log USING btree (object_type, object_id, id);
CREATE INDEX audit_log_user ON public.audit_log USING btree (user_id, id);
CREATE TRIGGER audit_log_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON public.audit_log FOR EACH STATEMENT EXECUTE FUNCTION audit_log_refuses();

CREATE TABLE container_grants (
  user_id integer NOT NULL,
  container_id integer NOT NULL,
  CONSTRAINT container_grants_container_id_fkey FOREIGN KEY (container_id) REFERENCES containers(id) ON DELETE CASCADE,
  CONSTRAINT container_grants_pkey PRIMARY KEY (user_id, container_id),
  CONSTRAINT container_grants_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE CASCADE
);

CREATE TABLE containers (
  id integer GENERATED ALWAYS AS IDENTITY NOT NULL,
  name text NOT NULL,
  description text,
  location text,
  site_id integer,
  created_at timestamp with time zone DEFAULT now() NOT NULL,
  capacity_w double precision,
  places integer,
  CONSTRAINT containers_capacity_w_check CHECK ((capacity_w >= (0)::double precision)),
  CONSTRAINT containers_name_check CHECK ((name <> ''::text)),
  CONSTRAINT containers_pkey PRIMARY KEY (id),
  CONSTRAINT containers_places_check CHECK ((places >= 0)),
  CONSTRAINT containers_site_id_fkey FOREIGN KEY (site_id) REFERENCES sites(id)
);
CREATE INDEX containers_site ON public.containers USING btree (site_id);

CREATE TABLE ingest_gaps (
  agent_id integer NOT NULL,
  gap_id text NOT NULL,
  from_at timestamp with time zone NOT NULL,
  to_at timestamp with time zone NOT NULL,
  batches integer NOT NULL,
  samples integer NOT NULL,
  reason text NOT NULL,
  at timestamp with time zone DEFAULT now() NOT NULL,
  CONSTRAINT ingest_gaps_agent_id_fkey FOREIGN KEY (agent_id) REFERENCES agents(id) ON DELETE CASCADE,
  CONSTRAINT ingest_gaps_pkey PRIMARY KEY (agent_id, gap_id)
);

CREATE TABLE ingest_quarantine (
  id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  agent_id integer NOT NULL,
  scope text NOT NULL,
  queue_id uuid,
  seq bigint,
  idx integer NOT NULL,
  code text NOT NULL,
  detail text NOT NULL,
  sample jsonb NOT NULL,
  digest bytea NOT NULL,
  at timestamp with time zone DEFAULT now() NOT NULL,
  list text NOT NULL,
  bytes integer NOT NULL,
  CONSTRAINT ingest_quarantine_agent_id_digest_key UNIQUE (agent_id, digest),
  CONSTRAINT ingest_quarantine_agent_id_fkey FOREIGN KEY (agent_id) REFERENCES agents(id) ON DELETE CASCADE,
  CONSTRAINT ingest_quarantine_digest_check CHECK ((length(digest) = 32)),
  CONSTRAINT ingest_quarantine_list_check CHECK ((list = ANY (ARRAY['miner_stats'::text, 'discovered_miners'::text, 'lines'::text]))),
  CONSTRAINT ingest_quarantine_pkey PRIMARY KEY (id)
);
CREATE INDEX ingest_quarantine_agent ON public.ingest_quarantine USING btree (agent_id, id);

CREATE TABLE ingest_quarantine_totals (
  agent_id integer NOT NULL,
  held integer DEFAULT 0 NOT NULL,
  bytes bigint DEFAULT 0 NOT NULL,
  set_aside bigint DEFAULT 0 NOT NULL,
  not_kept bigint DEFAULT 0 NOT NULL,
  CONSTRAINT ingest_quarantine_totals_agent_id_fkey FOREIGN KEY (agent_id) REFERENCES agents(id) ON DELETE CASCADE,
  CONSTRAINT ingest_quarantine_totals_pkey PRIMARY KEY (agent_id)
);

CREATE TABLE ingest_receipts (
  queue_id uuid NOT NULL,
  seq bigint NOT NULL,
  sha256 bytea NOT NULL,
  agent_id integer NOT NULL,
  samples integer NOT NULL,
  answer jsonb NOT NULL,
  first_at timestamp with time zone DEFAULT now() NOT NULL,
  deliveries integer DEFAULT 1 NOT NULL,
  CONSTRAINT ingest_receipts_agent_id_fkey FOREIGN KEY (agent_id) REFERENCES agents(id) ON DELETE CASCADE,
  CONSTRAINT ingest_receipts_pkey PRIMARY KEY (queue_id, seq),
  CONSTRAINT ingest_receipts_sha256_check CHECK ((length(sha256) = 32))
);
CREATE INDEX ingest_receipts_first_at ON public.ingest_receipts USING btree (first_at);

CREATE TABLE ingest_refusals (
  agent_id integer,
  code text NOT NULL,
  count bigint NOT NULL,
  last_at timestamp with time zone NOT NULL,
  last_detail text NOT NULL,
  CONSTRAINT ingest_refusals_agent_id_code_key UNIQUE NULLS NOT DISTINCT (agent_id, code),
  CONSTRAINT ingest_refusals_agent_id_fkey FOREIGN KEY (agent_id) REFERENCES agents(id) ON DELETE CASCADE
);

CREATE TABLE instance (
  one boolean DEFAULT true NOT NULL,
  public_url text NOT NULL,
  CONSTRAINT instance_one_check CHECK (one),
  CONSTRAINT instance_pkey PRIMARY KEY (one)
);

CREATE TABLE miner_addresses (
  id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  miner_id integer NOT NULL,
  ip_address inet NOT NULL,
  port integer NOT NULL,
  since timestamp with time zone NOT NULL,
  CONSTRAINT miner_addresses_miner_id_fkey FOREIGN KEY (miner_id) REFERENCES miners(id) ON DELETE CASCADE,
  CONSTRAINT miner_addresses_pkey PRIMARY KEY (id)
);
CREATE INDEX miner_addresses_miner ON public.miner_addresses USING btree (miner_id, id);

CREATE TABLE miner_keys (
  scope text NOT NULL,
  key text NOT NULL,
  miner_id integer NOT NULL,
  first_at timestamp with time zone DEFAULT now() NOT NULL,
  CONSTRAINT miner_keys_miner_id_fkey FOREIGN KEY (miner_id) REFERENCES miners(id) ON DELETE CASCADE,
  CONSTRAINT miner_keys_pkey PRIMARY KEY (scope, key)
);
CREATE INDEX miner_keys_miner ON public.miner_keys USING btree (miner_id);

CREATE TABLE miner_latest (
  miner_id integer NOT NULL,
  at timestamp with time zone NOT NULL,
  reachable boolean NOT NULL,
  reason text,
  hashrate_ths double precision,
  expected_ths double precision,
  power_w double precision,
  temp_c double precision,
  temp_chip_c double precision,
  fan_rpm double precision,
  accepted double precision,
  rejected double precision,
  uptime_s double precision,
  mining boolean,
  detail jsonb,
  answered_at timestamp with time zone,
  worker text,
  CONSTRAINT miner_latest_miner_id_fkey FOREIGN KEY (miner_id) REFERENCES miners(id) ON DELETE CASCADE,
  CONSTRAINT miner_latest_pkey PRIMARY KEY (miner_id)
) WITH (fillfactor=50);

CREATE TABLE miners (
  id integer GENERATED ALWAYS AS IDENTITY NOT NULL,
  scope text NOT NULL,
  site_id integer,
  agent_id integer,
  name text NOT NULL,
  ip_address inet NOT NULL,
  port integer NOT NULL,
  mac text,
  serial text,
  hostname text,
  manufacturer text,
  model text,
  model_raw text,
  family text,
  firmware text,
  firmware_version text,
  algorithm text,
  control_board text,
  container_id integer,
  pool_id integer,
  tags text[] DEFAULT '{}'::text[] NOT NULL,
  is_active boolean DEFAULT true NOT NULL,
  is_auto_discovered boolean DEFAULT true NOT NULL,
  created_at timestamp with time zone DEFAULT now() NOT NULL,
  seen_at timestamp with time zone NOT NULL,
  note text,
  expected_ths double precision,
  retired_at timestamp with time zone,
  search text GENERATED ALWAYS AS (lower(((((((((name || ' '::text) || host(ip_address)) || ' '::text) || COALESCE(mac, ''::text)) || ' '::text) || COALESCE(serial, ''::text)) || ' '::text) || COALESCE(hostname, ''::text)))) STORED,
  CONSTRAINT miners_agent_id_fkey FOREIGN KEY (agent_id) REFERENCES agents(id) ON DELETE SET NULL,
  CONSTRAINT miners_container_id_fkey FOREIGN KEY (container_id) REFERENCES containers(id),
  CONSTRAINT miners_expected_ths_check CHECK ((expected_ths > (0)::double precision)),
  CONSTRAINT miners_mac_check CHECK ((mac ~ '^[0-9a-f]{12}$'::text)),
  CONSTRAINT miners_pkey PRIMARY KEY (id),
  CONSTRAINT miners_pool_id_fkey FOREIGN KEY (pool_id) REFERENCES pools(id),
  CONSTRAINT miners_port_check CHECK (((port >= 1) AND (port <= 65535))),
  CONSTRAINT miners_retired_check CHECK ((is_active = (retired_at IS NULL))),
  CONSTRAINT miners_site_id_fkey FOREIGN KEY (site_id) REFERENCES sites(id)
);
CREATE INDEX miners_agent ON public.miners USING btree (agent_id);
CREATE INDEX miners_container ON public.miners USING btree (container_id);
CREATE INDEX miners_pool ON public.miners USING btree (pool_id);
CREATE INDEX miners_scope_address ON public.miners USING btree (scope, ip_address, port);
CREATE INDEX miners_site ON public.miners USING btree (site_id);
CREATE INDEX miners_tags ON public.miners USING gin (tags);
CREATE TRIGGER miners_address AFTER UPDATE OF ip_address, port ON public.miners FOR EACH ROW WHEN (((new.ip_address <> old.ip_address) OR (new.port <> old.port))) EXECUTE FUNCTION miners_note_address();
CREATE TRIGGER miners_first_address AFTER INSERT ON public.miners FOR EACH ROW EXECUTE FUNCTION miners_note_address();
CREATE TRIGGER miners_retirement BEFORE INSERT OR UPDATE OF is_active ON public.miners FOR EACH ROW EXECUTE FUNCTION miners_note_retirement();

CREATE TABLE pending_samples (
  id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  agent_id integer NOT NULL,
  scope text NOT NULL,
  samples integer NOT NULL,
  lines text NOT NULL,
  digest bytea NOT NULL,
  at timestamp with time zone DEFAULT now() NOT NULL,
  CONSTRAINT pending_samples_agent_id_fkey FOREIGN KEY (agent_id) REFERENCES agents(id) ON DELETE CASCADE,
  CONSTRAINT pending_samples_digest_check CHECK ((length(digest) = 32)),
  CONSTRAINT pending_samples_digest_key UNIQUE (digest),
  CONSTRAINT pending_samples_pkey PRIMARY KEY (id)
);

CREATE TABLE pools (
  id integer GENERATED ALWAYS AS IDENTITY NOT NULL,
  name text NOT NULL,
  description text,
  created_at timestamp with time zone DEFAULT now() NOT NULL,
  CONSTRAINT pools_name_check CHECK ((name <> ''::text)),
  CONSTRAINT pools_name_key UNIQUE (name),
  CONSTRAINT pools_pkey PRIMARY KEY (id)
);

CREATE TABLE problem_checks (
  one boolean DEFAULT true NOT NULL,
  checked_at timestamp with time zone NOT NULL,
  CONSTRAINT problem_checks_one_check CHECK (one),
  CONSTRAINT problem_checks_pkey PRIMARY KEY (one)
);

CREATE TABLE problems (
  id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  cause text NOT NULL,
  miner_id integer,
  agent_id integer,
  since timestamp with time zone NOT NULL,
  seen_at timestamp with time zone NOT NULL,
  detail jsonb NOT NULL,
  acked_at timestamp with time zone,
  acked_by text,
  ack_note text,
  CONSTRAINT problems_agent_id_fkey FOREIGN KEY (agent_id) REFERENCES agents(id) ON DELETE CASCADE,
  CONSTRAINT problems_check CHECK ((num_nonnulls(miner_id, agent_id) <= 1)),
  CONSTRAINT problems_miner_id_agent_id_cause_key UNIQUE NULLS NOT DISTINCT (miner_id, agent_id, cause),
  CONSTRAINT problems_miner_id_fkey FOREIGN KEY (miner_id) REFERENCES miners(id) ON DELETE CASCADE,
  CONSTRAINT problems_pkey PRIMARY KEY (id)
) WITH (fillfactor=50);
CREATE INDEX problems_agent ON public.problems USING btree (agent_id);

CREATE TABLE rollup_fresh (
  mark_id bigint NOT NULL,
  samples text NOT NULL,
  CONSTRAINT rollup_fresh_mark_id_fkey FOREIGN KEY (mark_id) REFERENCES rollup_marks(id) ON DELETE CASCADE,
  CONSTRAINT rollup_fresh_pkey PRIMARY KEY (mark_id)
);

CREATE TABLE rollup_leader (
  one boolean DEFAULT true NOT NULL,
  holder uuid NOT NULL,
  until timestamp with time zone NOT NULL,
  CONSTRAINT rollup_leader_one_check CHECK (one),
  CONSTRAINT rollup_leader_pkey PRIMARY KEY (one)
);

CREATE TABLE rollup_marks (
  id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  scope text NOT NULL,
  hour_s bigint NOT NULL,
  from_s bigint NOT NULL,
  to_s bigint NOT NULL,
  at timestamp with time zone NOT NULL,
  written boolean DEFAULT false NOT NULL,
  CONSTRAINT rollup_marks_pkey PRIMARY KEY (id)
);

CREATE TABLE rollup_open_hours (
  scope text NOT NULL,
  hour_s bigint NOT NULL,
  CONSTRAINT rollup_open_hours_pkey PRIMARY KEY (scope, hour_s)
);

CREATE TABLE scan_reports (
  agent_id integer NOT NULL,
  finished_at timestamp with time zone NOT NULL,
  report jsonb NOT NULL,
  CONSTRAINT scan_reports_agent_id_fkey FOREIGN KEY (agent_id) REFERENCES agents(id) ON DELETE CASCADE,
  CONSTRAINT scan_reports_pkey PRIMARY KEY (agent_id)
);

CREATE TABLE schema_migrations (
  version integer NOT NULL,
  name text NOT NULL,
  sha256 text NOT NULL,
  applied_at timestamp with time zone DEFAULT now() NOT NULL,
  ms integer NOT NULL,
  CONSTRAINT schema_migrations_pkey PRIMARY KEY (version)
);

CREATE TABLE sessions (
  id integer GENERATED ALWAYS AS IDENTITY NOT NULL,
  user_id integer NOT NULL,
  token_sha256 bytea NOT NULL,
  created_at timestamp with time zone DEFAULT now() NOT NULL,
  last_used_at timestamp with time zone DEFAULT now() NOT NULL,
  expires_at timestamp with time zone NOT NULL,
  ip text,
  user_agent text,
  confirmed_at timestamp with time zone NOT NULL,
  CONSTRAINT sessions_pkey PRIMARY KEY (id),
  CONSTRAINT sessions_token_sha256_check CHECK ((length(token_sha256) = 32)),
  CONSTRAINT sessions_token_sha256_key UNIQUE (token_sha256),
  CONSTRAINT sessions_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE CASCADE
);
CREATE INDEX sessions_user ON public.sessions USING btree (user_id);

CREATE TABLE setup_tokens (
  token_sha256 bytea NOT NULL,
  expires_at timestamp with time zone NOT NULL,
  CONSTRAINT setup_tokens_pkey PRIMARY KEY (token_sha256),
  CONSTRAINT setup_tokens_token_sha256_check CHECK ((length(token_sha256) = 32))
);

CREATE TABLE site_grants (
  user_id integer NOT NULL,
  site_id integer NOT NULL,
  CONSTRAINT site_grants_pkey PRIMARY KEY (user_id, site_id),
  CONSTRAINT site_grants_site_id_fkey FOREIGN KEY (site_id) REFERENCES sites(id) ON DELETE CASCADE,
  CONSTRAINT site_grants_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE CASCADE
);

CREATE TABLE sites (
  id integer GENERATED ALWAYS AS IDENTITY NOT NULL,
  name text NOT NULL,
  description text,
  location text,
  created_at timestamp with time zone DEFAULT now() NOT NULL,
  time_zone text,
  tariff_per_kwh double precision,
  currency text,
  capacity_w double precision,
  places integer,
  CONSTRAINT sites_capacity_w_check CHECK ((capacity_w >= (0)::double precision)),
  CONSTRAINT sites_currency_check CHECK ((currency ~ '^[A-Z]{3}$'::text)),
  CONSTRAINT sites_name_check CHECK ((name <> ''::text)),
  CONSTRAINT sites_name_key UNIQUE (name),
  CONSTRAINT sites_pkey PRIMARY KEY (id),
  CONSTRAINT sites_places_check CHECK ((places >= 0)),
  CONSTRAINT sites_tariff_per_kwh_check CHECK ((tariff_per_kwh >= (0)::double precision))
);

CREATE TABLE storage_sizes (
  day date NOT NULL,
  what text NOT NULL,
  bytes bigint NOT NULL,
  CONSTRAINT storage_sizes_pkey PRIMARY KEY (day, what)
);

CREATE TABLE users (
  id integer GENERATED ALWAYS AS IDENTITY NOT NULL,
  username text NOT NULL,
  email text,
  role text NOT NULL,
  password_hash text NOT NULL,
  is_active boolean DEFAULT true NOT NULL,
  created_at timestamp with time zone DEFAULT now() NOT NULL,
  is_limited boolean DEFAULT false NOT NULL,
  last_login_at timestamp with time zone,
  CONSTRAINT users_limited_check CHECK (((NOT is_limited) OR (role = 'viewer'::text))),
  CONSTRAINT users_pkey PRIMARY KEY (id),
  CONSTRAINT users_role_check CHECK ((role = ANY (ARRAY['admin'::text, 'operator'::text, 'viewer'::text, 'accountant'::text, 'client'::text]))),
  CONSTRAINT users_username_check CHECK ((username <> ''::text))
);
CREATE UNIQUE INDEX users_username ON public.users USING btree (lower(username));

CREATE OR REPLACE FUNCTION public.audit_log_refuses()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
  RAISE EXCEPTION 'audit_log takes new rows only: % refused', TG_OP;
END
$function$;

CREATE OR REPLACE FUNCTION public.miners_note_address()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
  INSERT INTO miner_addresses (miner_id, ip_address, port, since)
  VALUES (NEW.id, NEW.ip_address, NEW.port, NEW.seen_at);
  IF TG_OP = 'UPDATE' THEN
    DELETE FROM miner_addresses WHERE miner_id = NEW.id AND id <= (
      SELECT id FROM miner_addresses WHERE miner_id = NEW.id ORDER BY id DESC OFFSET 200 LIMIT 1);
  END IF;
  RETURN NULL;
END
$function$;

CREATE OR REPLACE FUNCTION public.miners_note_retirement()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
  NEW.retired_at := CASE WHEN NOT NEW.is_active THEN coalesce(NEW.retired_at, now()) END;
  RETURN NEW;
END
$function$;

CREATE OR REPLACE FUNCTION public.model_tag(manufacturer text, model text)
 RETURNS text
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
AS $function$
  SELECT coalesce(nullif(left(trim('-' FROM left(regexp_replace(
    lower(replace(concat(manufacturer, ' ', model), '+', ' plus ')), '[^a-z0-9]+', '-', 'g'), 65)), 64), ''), 'unknown')
$function$;

-- VIEW grafana.agents
--   id integer
--   name text
--   scope text
--   site text
--   is_active boolean
--   last_seen_at timestamp with time zone
--   version text
--   backlog_batches text
--   backlog_oldest text
--   cycle_ms text
--   miners bigint
--   created_at timestamp with time zone
--   silence_s double precision
--   patience_s double precision
--   backlog_bytes double precision
--   memory_batches double precision
--   queue_error text
--   clock_error_ms double precision
--   interval_s double precision
--   cycle_miners double precision
--   cycle_reachable double precision
--   gap_samples bigint
--   gap_at timestamp with time zone
--   quarantine_held integer
--   quarantined bigint
--   refused numeric
--   refused_last text
--   pending bigint
--   pending_oldest timestamp with time zone
--   scan_at timestamp with time zone
--   scan_addresses double precision
--   scan_identified double precision
--   scan_unknown double precision
--   scan_silent double precision
--   scan_refused double precision

-- VIEW grafana.boards
--   miner_id integer
--   at timestamp with time zone
--   slot integer
--   hash_rate double precision
--   expected_hash_rate double precision
--   temp_chip double precision
--   temp_board double precision
--   chips double precision
--   chips_good double precision
--   chips_expected double precision
--   frequency_mhz double precision
--   voltage_v double precision
--   power_w double precision
--   hw_errors double precision
--   serial text

-- VIEW grafana.changes
--   at timestamp with time zone
--   what text
--   detail text
--   miner_id integer
--   agent_id integer
--   name text
--   site text
--   scope text

-- VIEW grafana.containers
--   id integer
--   name text
--   scope text
--   site text
--   places integer
--   capacity_w double precision

-- VIEW grafana.database
--   bytes bigint
--   connections bigint
--   max_connections integer
--   cache_hit_percent numeric
--   deadlocks bigint
--   pending bigint
--   newest_sample timestamp with time zone

-- VIEW grafana.hardware
--   miner_id integer
--   at timestamp with time zone
--   mining boolean
--   boards bigint
--   boards_usual bigint
--   boards_dead bigint
--   boards_missing bigint
--   chips_missing double precision
--   hw_errors double precision
--   hw_errors_per_h double precision
--   fans text
--   fans_stopped bigint
--   fan_min_rpm double precision
--   fan_max_rpm double precision

-- VIEW grafana.instance
--   public_url text

-- VIEW grafana.miner_errors
--   miner_id integer
--   at timestamp with time zone
--   code text
--   text text
--   severity text

-- VIEW grafana.miner_models
--   miner_id integer
--   model_tag text

-- VIEW grafana.miners
--   id integer
--   scope text
--   site text
--   name text
--   keys text
--   scopes text
--   ip_address text
--   port integer
--   mac text
--   serial text
--   hostname text
--   manufacturer text
--   model text
--   model_raw text
--   family text
--   firmware text
--   firmware_version text
--   algorithm text
--   control_board text
--   container text
--   tags text[]
--   agent text
--   is_active boolean
--   created_at timestamp with time zone
--   state text
--   reason text
--   at timestamp with time zone
--   answered_at timestamp with time zone
--   hashrate_ths double precision
--   expected_ths double precision
--   percent_of_expected double precision
--   power_w double precision
--   efficiency_j_th double precision
--   temp_c double precision
--   temp_chip_c double precision
--   fan_rpm double precision
--   accepted double precision
--   rejected double precision
--   uptime_s double precision

-- VIEW grafana.models
--   model_tag text
--   name text

-- VIEW grafana.pools
--   miner_id integer
--   at timestamp with time zone
--   url text
--   user text
--   priority double precision
--   alive boolean
--   active boolean
--   accepted double precision
--   rejected double precision
--   stale double precision
--   is_dev_fee boolean
--   host text
--   account text
--   allowed boolean

-- VIEW grafana.receipts
--   agent_id integer
--   at timestamp with time zone
--   samples integer
--   deliveries integer

-- VIEW grafana.sites
--   scope text
--   name text
--   site_id integer
--   agent_id integer
--   location text
--   created_at timestamp with time zone

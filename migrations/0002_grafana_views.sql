-- What Grafana may read: the views of the schema "grafana", through the role "hashyard_grafana", and nothing
-- else. The views run with their owner's rights, so the role needs no right on the tables below them.

CREATE SCHEMA grafana;

-- One row for each scope samples are stored under (the InfluxDB tag "site"): the sites, and the agents that
-- have no site or had none when they found their miners.
CREATE VIEW grafana.sites AS
SELECT 'site-' || s.id AS scope, s.name, s.id AS site_id, NULL::integer AS agent_id, s.location, s.created_at
FROM public.sites s
UNION ALL
SELECT 'agent-' || a.id, a.name || ' (no site)', NULL, a.id, NULL, a.created_at
FROM public.agents a
WHERE a.site_id IS NULL OR EXISTS (SELECT FROM public.miners m WHERE m.scope = 'agent-' || a.id);

-- Every miner with its newest sample. `keys` and `scopes` are the alternations of all its series keys and of
-- their scopes (the InfluxDB tags "miner" and "site"), ready for a regular expression: both hold only
-- lower-case letters, digits and hyphens.
-- `state`, as server/features/miners/state.ts has it: hashing · degraded (below 90 % of expected) · idle ·
-- offline (its agent says so) · unknown (its agent is silent, or has not spoken of it for too long).
CREATE VIEW grafana.miners AS
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
    WHEN l.hashrate_ths < 0.9 * l.expected_ths THEN 'degraded'
    WHEN l.hashrate_ths > 0 OR l.mining THEN 'hashing'
    ELSE 'unknown'
  END AS state,
  l.reason,
  l.at,
  l.answered_at,
  l.hashrate_ths,
  l.expected_ths,
  100 * l.hashrate_ths / nullif(l.expected_ths, 0) AS percent_of_expected,
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
-- As grafana.sites names them; joined anew, because that view has to look at all miners.
LEFT JOIN public.sites s ON m.scope = 'site-' || s.id
LEFT JOIN public.agents o ON m.scope = 'agent-' || o.id
LEFT JOIN public.containers c ON c.id = m.container_id
LEFT JOIN public.agents a ON a.id = m.agent_id
-- How long a silence is normal (server/features/agents/silence.ts): three polls, but 3 minutes at least.
CROSS JOIN LATERAL (
  SELECT least(greatest(3 * coalesce((a.report #>> '{cycle,interval_s}')::float8, 60), 180), 10800)
    * interval '1 second' AS patience
) p;

-- The hashboards each miner last reported, and the pools it has configured.
CREATE VIEW grafana.boards AS
SELECT l.miner_id, l.at, b.*
FROM public.miner_latest l
CROSS JOIN LATERAL jsonb_to_recordset(
  CASE WHEN jsonb_typeof(l.detail -> 'boards') = 'array' THEN l.detail -> 'boards' ELSE '[]' END
) AS b(slot integer, hash_rate double precision, expected_hash_rate double precision, temp_chip double precision,
       temp_board double precision, chips double precision, chips_good double precision,
       chips_expected double precision, frequency_mhz double precision, voltage_v double precision,
       power_w double precision, hw_errors double precision, serial text);

CREATE VIEW grafana.pools AS
SELECT l.miner_id, l.at, p.*
FROM public.miner_latest l
CROSS JOIN LATERAL jsonb_to_recordset(
  CASE WHEN jsonb_typeof(l.detail -> 'pools') = 'array' THEN l.detail -> 'pools' ELSE '[]' END
) AS p(url text, "user" text, priority double precision, alive boolean, active boolean,
       accepted double precision, rejected double precision, stale double precision, is_dev_fee boolean);

CREATE VIEW grafana.agents AS
SELECT
  a.id,
  a.name,
  coalesce('site-' || a.site_id, 'agent-' || a.id) AS scope,
  coalesce(s.name, a.name || ' (no site)') AS site,
  a.is_active,
  a.last_seen_at,
  a.report ->> 'version' AS version,
  a.report -> 'backlog' ->> 'batches' AS backlog_batches,
  a.report -> 'backlog' ->> 'oldest' AS backlog_oldest,
  a.report -> 'cycle' ->> 'duration_ms' AS cycle_ms,
  (SELECT count(*) FROM public.miners m WHERE m.agent_id = a.id) AS miners
FROM public.agents a
LEFT JOIN public.sites s ON s.id = a.site_id;

-- The role belongs to the cluster, not to this database: it may exist already, or be made by another
-- database's migration at this moment. It cannot log in until the operator gives it a password.
DO $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'hashyard_grafana') THEN
    CREATE ROLE hashyard_grafana NOLOGIN;
  END IF;
EXCEPTION
  WHEN duplicate_object OR unique_violation THEN
    NULL;
  WHEN insufficient_privilege THEN
    RAISE NOTICE 'The role hashyard_grafana was not made: % may not create roles. docs/operating.md has the commands for the administrator.', current_user;
END
$$;

DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'hashyard_grafana') THEN
    GRANT USAGE ON SCHEMA grafana TO hashyard_grafana;
    GRANT SELECT ON ALL TABLES IN SCHEMA grafana TO hashyard_grafana;
    -- Views of later migrations are readable without another grant.
    ALTER DEFAULT PRIVILEGES IN SCHEMA grafana GRANT SELECT ON TABLES TO hashyard_grafana;
  END IF;
END
$$;

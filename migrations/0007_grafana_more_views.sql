-- What the dashboards and alerts read beyond the newest sample: hardware, pools, how the agents deliver, what
-- changed, and how the database does. Grafana's role may read views made after its grant (0002).

-- Where this installation is reached: links from the dashboards lead there. Written by the server at its start.
CREATE TABLE instance (
  one        boolean PRIMARY KEY DEFAULT true CHECK (one),
  public_url text NOT NULL
);
CREATE VIEW grafana.instance AS SELECT public_url FROM public.instance;

CREATE VIEW grafana.containers AS
SELECT c.id, c.name, 'site-' || c.site_id AS scope, s.name AS site, c.places, c.capacity_w
FROM public.containers c LEFT JOIN public.sites s ON s.id = c.site_id;

-- Boards, chips and fans as each miner last reported them. `boards_usual` is what most miners of the same make and
-- model report: a board that is gone is named nowhere in what its miner says. A board at 0 is dead while its miner hashes.
CREATE VIEW grafana.hardware AS
WITH found AS (
  SELECT m.id AS miner_id, m.manufacturer, m.model, l.at, l.uptime_s, l.mining,
    b.boards, b.boards_dead, b.chips_missing, coalesce((l.detail ->> 'hw_errors')::float8, b.hw_errors) AS hw_errors,
    f.fans, f.fans_stopped, f.fan_min_rpm, f.fan_max_rpm
  FROM public.miners m
  JOIN public.miner_latest l ON l.miner_id = m.id
  CROSS JOIN LATERAL (
    SELECT nullif(count(*), 0) AS boards, count(*) FILTER (WHERE hash_rate = 0 AND l.hashrate_ths > 0) AS boards_dead,
      sum(greatest(chips_expected - coalesce(chips_good, chips), 0)) AS chips_missing, sum(r.hw_errors) AS hw_errors
    FROM jsonb_to_recordset(CASE WHEN jsonb_typeof(l.detail -> 'boards') = 'array' THEN l.detail -> 'boards' ELSE '[]' END)
      AS r(hash_rate float8, chips float8, chips_good float8, chips_expected float8, hw_errors float8)
  ) b
  CROSS JOIN LATERAL (
    SELECT string_agg(coalesce(rpm, '–'), ' · ' ORDER BY slot) AS fans, count(*) FILTER (WHERE rpm::float8 = 0) AS fans_stopped,
      min(rpm::float8) AS fan_min_rpm, max(rpm::float8) AS fan_max_rpm
    FROM jsonb_array_elements_text(CASE WHEN jsonb_typeof(l.detail -> 'fans') = 'array' THEN l.detail -> 'fans' ELSE '[]' END)
      WITH ORDINALITY AS r(rpm, slot)
  ) f
  WHERE m.is_active
)
SELECT miner_id, at, mining, found.boards, usual.boards AS boards_usual, boards_dead,
  greatest(usual.boards - found.boards, 0) + boards_dead AS boards_missing, chips_missing, hw_errors,
  3600 * hw_errors / nullif(uptime_s, 0) AS hw_errors_per_h, fans, fans_stopped, fan_min_rpm, fan_max_rpm
FROM found
LEFT JOIN (
  SELECT manufacturer, model, mode() WITHIN GROUP (ORDER BY found.boards) AS boards
  FROM found WHERE model IS NOT NULL GROUP BY manufacturer, model
) AS usual(manufacturer, model, boards)
  ON usual.manufacturer IS NOT DISTINCT FROM found.manufacturer AND usual.model = found.model;

-- `host` of the address, `account` of the worker (before the first dot). `allowed`: the inventory has a pool named like the
-- host or a domain above it; null while the inventory has no pool whose name is a host, so that there is no list.
CREATE OR REPLACE VIEW grafana.pools AS
SELECT p.*, h.host, split_part(p."user", '.', 1) AS account,
  CASE WHEN EXISTS (SELECT FROM public.pools a WHERE a.name ~* '^[a-z0-9-]+(\.[a-z0-9-]+)+$') THEN EXISTS (
    SELECT FROM public.pools a WHERE h.host = lower(a.name) OR h.host LIKE '%.' || lower(a.name)
  ) END AS allowed
FROM (
  SELECT l.miner_id, l.at, p.*
  FROM public.miner_latest l
  CROSS JOIN LATERAL jsonb_to_recordset(
    CASE WHEN jsonb_typeof(l.detail -> 'pools') = 'array' THEN l.detail -> 'pools' ELSE '[]' END
  ) AS p(url text, "user" text, priority double precision, alive boolean, active boolean,
         accepted double precision, rejected double precision, stale double precision, is_dev_fee boolean)
) p
CROSS JOIN LATERAL (
  SELECT lower(substring(p.url FROM '^(?:[A-Za-z0-9+.-]+://)?(?:[^@/]*@)?([^/:]+)')) AS host
) h;

-- As before, and everything an agent says of its delivery or the server keeps for it.
CREATE OR REPLACE VIEW grafana.agents AS
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
  (SELECT count(*) FROM public.miners m WHERE m.agent_id = a.id AND m.is_active) AS miners,
  a.created_at,
  extract(epoch FROM now() - a.last_seen_at)::float8 AS silence_s,
  -- server/features/agents/silence.ts
  least(greatest(3 * coalesce((a.report #>> '{cycle,interval_s}')::float8, 60), 180), 10800) AS patience_s,
  (a.report #>> '{backlog,bytes}')::float8 AS backlog_bytes,
  (a.report #>> '{queue,in_memory}')::float8 AS memory_batches,
  a.report #>> '{queue,last_error}' AS queue_error,
  (a.report ->> 'clock_error_ms')::float8 AS clock_error_ms,
  (a.report #>> '{cycle,interval_s}')::float8 AS interval_s,
  (a.report #>> '{cycle,miners}')::float8 AS cycle_miners,
  (a.report #>> '{cycle,reachable}')::float8 AS cycle_reachable,
  coalesce(g.samples, 0) AS gap_samples,
  g.last_at AS gap_at,
  coalesce(q.held, 0) AS quarantine_held,
  coalesce(q.set_aside, 0) AS quarantined,
  coalesce(r.refused, 0) AS refused,
  r.last_detail AS refused_last,
  coalesce(p.syncs, 0) AS pending,
  p.oldest AS pending_oldest,
  c.finished_at AS scan_at,
  (c.report ->> 'addresses')::float8 AS scan_addresses,
  (c.report ->> 'identified')::float8 AS scan_identified,
  (c.report ->> 'unknown')::float8 AS scan_unknown,
  (c.report ->> 'silent')::float8 AS scan_silent,
  (c.report ->> 'refused')::float8 AS scan_refused
FROM public.agents a
LEFT JOIN public.sites s ON s.id = a.site_id
LEFT JOIN public.scan_reports c ON c.agent_id = a.id
LEFT JOIN public.ingest_quarantine_totals q ON q.agent_id = a.id
LEFT JOIN (
  SELECT agent_id, sum(samples) AS samples, max(at) AS last_at FROM public.ingest_gaps GROUP BY agent_id
) g ON g.agent_id = a.id
LEFT JOIN (
  SELECT agent_id, sum(count) AS refused, (array_agg(code ORDER BY last_at DESC))[1] AS last_detail
  FROM public.ingest_refusals GROUP BY agent_id
) r ON r.agent_id = a.id
LEFT JOIN (
  SELECT agent_id, count(*) AS syncs, min(at) AS oldest FROM public.pending_samples GROUP BY agent_id
) p ON p.agent_id = a.id;

-- Batches as they were stored, 30 days of them; agents that name no batches leave none.
CREATE VIEW grafana.receipts AS
SELECT agent_id, first_at AS at, samples, deliveries FROM public.ingest_receipts;

-- What happened to miners and agents, as far as their rows still tell.
CREATE VIEW grafana.changes AS
SELECT e.at, e.what, e.detail, e.miner_id, e.agent_id, coalesce(m.name, a.name) AS name,
  coalesce(ms.name, mo.name || ' (no site)', s.name, a.name || ' (no site)') AS site,
  coalesce(m.scope, 'site-' || a.site_id, 'agent-' || a.id) AS scope
FROM (
  SELECT created_at AS at, 'new miner' AS what, concat_ws(' ', manufacturer, model) AS detail, id AS miner_id, NULL::integer AS agent_id
  FROM public.miners
  UNION ALL
  SELECT retired_at, 'retired', note, id, NULL FROM public.miners WHERE retired_at IS NOT NULL
  UNION ALL
  SELECT c.since, 'new address', host(c.ip_address), c.miner_id, NULL
  FROM public.miner_addresses c
  WHERE EXISTS (SELECT FROM public.miner_addresses b WHERE b.miner_id = c.miner_id AND b.id < c.id)
  UNION ALL
  SELECT k.first_at, 'known by another key', k.key, k.miner_id, NULL
  FROM public.miner_keys k JOIN public.miners m ON m.id = k.miner_id WHERE k.first_at > m.created_at + interval '1 minute'
  UNION ALL
  SELECT answered_at, 'went offline', reason, miner_id, NULL
  FROM public.miner_latest WHERE NOT reachable AND answered_at IS NOT NULL
  UNION ALL
  SELECT at - uptime_s * interval '1 second', 'started', NULL, miner_id, NULL
  FROM public.miner_latest WHERE reachable AND uptime_s BETWEEN 0 AND 30 * 86400
  UNION ALL
  SELECT created_at, 'new agent', NULL, NULL, id FROM public.agents
  UNION ALL
  SELECT at, 'samples lost', samples || ' samples, ' || reason, NULL, agent_id FROM public.ingest_gaps
) e
LEFT JOIN public.miners m ON m.id = e.miner_id
LEFT JOIN public.sites ms ON m.scope = 'site-' || ms.id
LEFT JOIN public.agents mo ON m.scope = 'agent-' || mo.id
LEFT JOIN public.agents a ON a.id = e.agent_id
LEFT JOIN public.sites s ON s.id = a.site_id;

-- Faults the miners themselves report.
CREATE VIEW grafana.miner_errors AS
SELECT l.miner_id, l.at, e.code, e.text, e.severity
FROM public.miner_latest l
CROSS JOIN LATERAL jsonb_to_recordset(
  CASE WHEN jsonb_typeof(l.detail -> 'miner_errors') = 'array' THEN l.detail -> 'miner_errors' ELSE '[]' END
) AS e(code text, text text, severity text);

CREATE VIEW grafana.database AS
SELECT pg_database_size(current_database()) AS bytes,
  (SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()) AS connections,
  current_setting('max_connections')::integer AS max_connections,
  100.0 * blks_hit / nullif(blks_hit + blks_read, 0) AS cache_hit_percent,
  deadlocks,
  (SELECT count(*) FROM public.pending_samples) AS pending,
  (SELECT max(at) FROM public.miner_latest) AS newest_sample
FROM pg_stat_database WHERE datname = current_database();

-- The InfluxDB tag "model" of a miner of this make and model (server/features/ingest/series-key.ts).
CREATE FUNCTION model_tag(manufacturer text, model text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT coalesce(nullif(left(trim('-' FROM left(regexp_replace(
    lower(replace(concat(manufacturer, ' ', model), '+', ' plus ')), '[^a-z0-9]+', '-', 'g'), 65)), 64), ''), 'unknown')
$$;

CREATE VIEW grafana.models AS
SELECT model_tag, min(name) AS name FROM (
  SELECT public.model_tag(manufacturer, model) AS model_tag,
    coalesce(nullif(concat_ws(' ', manufacturer, model), ''), 'unknown') AS name
  FROM public.miners WHERE is_active
) m GROUP BY model_tag;

CREATE VIEW grafana.miner_models AS
SELECT id AS miner_id, public.model_tag(manufacturer, model) AS model_tag FROM public.miners;

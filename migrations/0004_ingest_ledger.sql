-- Which list of the body an item in quarantine came from, or "lines": a line of line protocol that InfluxDB
-- refused. `bytes` is the length of `sample` as text.
ALTER TABLE ingest_quarantine ADD COLUMN list text, ADD COLUMN bytes integer;
UPDATE ingest_quarantine SET
  list = CASE
    WHEN sample ? 'line' AND NOT sample ? 'ip_address' THEN 'lines'
    WHEN detail LIKE 'discovered_miners.%' THEN 'discovered_miners'
    ELSE 'miner_stats' END,
  bytes = octet_length(sample::text);
ALTER TABLE ingest_quarantine
  ALTER COLUMN list SET NOT NULL,
  ALTER COLUMN bytes SET NOT NULL,
  ADD CONSTRAINT ingest_quarantine_list_check CHECK (list IN ('miner_stats', 'discovered_miners', 'lines'));
CREATE INDEX ingest_quarantine_agent ON ingest_quarantine (agent_id, id);

-- The quarantine of each agent in numbers: what lies there, all that ever came, and how much of that found no room.
CREATE TABLE ingest_quarantine_totals (
  agent_id  integer PRIMARY KEY REFERENCES agents ON DELETE CASCADE,
  held      integer NOT NULL DEFAULT 0,
  bytes     bigint NOT NULL DEFAULT 0,
  set_aside bigint NOT NULL DEFAULT 0,
  not_kept  bigint NOT NULL DEFAULT 0
);
INSERT INTO ingest_quarantine_totals (agent_id, held, bytes, set_aside)
SELECT agent_id, count(*), sum(bytes), count(*) FROM ingest_quarantine GROUP BY agent_id;

-- Syncs that were refused, by code. Those whose key was not known have no agent.
CREATE TABLE ingest_refusals (
  agent_id    integer REFERENCES agents ON DELETE CASCADE,
  code        text NOT NULL,
  count       bigint NOT NULL,
  last_at     timestamptz NOT NULL,
  last_detail text NOT NULL,
  UNIQUE NULLS NOT DISTINCT (agent_id, code)
);

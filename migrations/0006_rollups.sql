-- Samples that are being or have been written to InfluxDB and are not in the rollups yet: a row for each sync and hour of
-- theirs, committed before the first of them is written, and deleted when the points of its hour are. `scope` "fleet":
-- minutes, "fleet 1h": hours of which points of sites have been written and those of the fleet have not.
CREATE TABLE rollup_marks (
  id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  scope   text NOT NULL,
  -- Epoch seconds: the hour, and the first and last of the samples.
  hour_s  bigint NOT NULL,
  from_s  bigint NOT NULL,
  to_s    bigint NOT NULL,
  at      timestamptz NOT NULL,
  -- All of them are in InfluxDB.
  written boolean NOT NULL DEFAULT false
);

-- The samples of a mark that was made just now, so that live minutes cost InfluxDB no query. Lost with a crash of
-- Postgres, as unlogged tables are: they are then read from InfluxDB.
CREATE UNLOGGED TABLE rollup_fresh (
  mark_id bigint PRIMARY KEY REFERENCES rollup_marks ON DELETE CASCADE,
  samples text NOT NULL
);
ALTER TABLE rollup_fresh ALTER COLUMN samples SET STORAGE EXTERNAL;

-- Hours whose minutes have been written, as far as they have come, and whose hourly points have not.
CREATE TABLE rollup_open_hours (
  scope  text NOT NULL,
  hour_s bigint NOT NULL,
  PRIMARY KEY (scope, hour_s)
);

-- The server that computes the rollups, for as long as it goes on: it holds the present hour in memory.
CREATE TABLE rollup_leader (
  one    boolean PRIMARY KEY DEFAULT true CHECK (one),
  holder uuid NOT NULL,
  until  timestamptz NOT NULL
);

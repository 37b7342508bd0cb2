-- One-time tokens that make the first administrator, one for each start of a server while there is no user.
-- 32 random bytes, of which only the SHA-256 is here.
CREATE TABLE setup_tokens (
  token_sha256 bytea PRIMARY KEY CHECK (length(token_sha256) = 32),
  expires_at   timestamptz NOT NULL
);

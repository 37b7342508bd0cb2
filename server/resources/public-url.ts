import type { Sql } from 'postgres';

/** Notes where people reach this installation: the links in Grafana, which reads Postgres, lead there. */
export async function notePublicUrl(sql: Sql, publicUrl: string | undefined): Promise<void> {
  if (publicUrl === undefined) return;
  await sql`
    INSERT INTO instance (public_url) VALUES (${publicUrl})
    ON CONFLICT (one) DO UPDATE SET public_url = excluded.public_url`;
}

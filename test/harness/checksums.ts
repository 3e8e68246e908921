import type { TestDatabase } from './database.ts';

/**
 * What stands in every table, as one checksum each: equal before and after where nothing was written. Without
 * what readers of changes note (whatever is a change is in another table, too).
 * @param options.except tables in which something may be written meanwhile
 * @param options.tenantId the tenant whose rows are looked at; all tenants' unless given
 */
export async function checksums(
  db: TestDatabase,
  { except = [], tenantId }: { except?: readonly string[]; tenantId?: string } = {},
): Promise<Record<string, string>> {
  const { rows } = await db.pool.query<{ name: string }>(
    "select tablename as name from pg_tables where schemaname = 'public' and not tablename = any($1) order by 1",
    [[...except, 'schema_migrations', 'directory_changes', 'directory_versions']],
  );
  const sums = rows.map(({ name }) =>
    db.pool.query<{ sum: string }>(
      `select count(*) || ' ' || coalesce(md5(string_agg(row::text, e'\\n' order by row::text)), '') as sum
         from "${name}" as row where $1::uuid is null or tenant_id = $1`,
      [tenantId],
    ),
  );
  const found = await Promise.all(sums);
  return Object.fromEntries(rows.map(({ name }, index) => [name, found[index]!.rows[0]!.sum]));
}

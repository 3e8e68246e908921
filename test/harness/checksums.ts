import type { TestDatabase } from './database.ts';

/**
 * What stands in every table, as one checksum each: equal before and after where nothing was written.
 * @param except tables in which something may be written meanwhile
 */
export async function checksums(db: TestDatabase, except: readonly string[] = []): Promise<Record<string, string>> {
  const { rows } = await db.pool.query<{ name: string }>(
    "select tablename as name from pg_tables where schemaname = 'public' and not tablename = any($1) order by 1",
    [except],
  );
  const sums = rows.map(({ name }) =>
    db.pool.query<{ sum: string }>(
      `select count(*) || ' ' || coalesce(md5(string_agg(row::text, e'\\n' order by row::text)), '') as sum from "${name}" as row`,
    ),
  );
  const found = await Promise.all(sums);
  return Object.fromEntries(rows.map(({ name }, index) => [name, found[index]!.rows[0]!.sum]));
}

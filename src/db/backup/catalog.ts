import pg from 'pg';

// What PostgreSQL's catalogue says of the schema that Autoclaim lives in.

type Client = Pick<pg.ClientBase, 'query'>;

export interface Table {
  readonly name: string;
  /** Of those that are stored: a generated column makes itself. */
  readonly columns: readonly string[];
}

export const quoted = (name: string): string => pg.escapeIdentifier(name);

/** The tables of the current schema, by name, except those of extensions. */
export async function readTables(client: Client): Promise<Table[]> {
  const { rows } = await client.query<Table>(
    `select c.relname as name,
            array(select a.attname::text from pg_attribute a
                   where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
                   order by a.attnum) as columns
       from pg_class c
      where c.relnamespace = current_schema()::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
        and not exists (select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e')
      order by c.relname`,
  );
  return rows;
}

/** Whatever stands in the current schema, except what extensions bring. */
export async function readRelationNames(client: Client): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(
    `select c.relname as name from pg_class c
      where c.relnamespace = current_schema()::regnamespace and c.relkind in ('r', 'p', 'v', 'm', 'f', 'S')
        and not exists (select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e')
      order by c.relname`,
  );
  return rows.map(({ name }) => name);
}

/** Sequences that belong to a column of one of these tables. */
export async function readSequenceNames(client: Client, tables: readonly Table[]): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(
    `select s.relname as name
       from pg_class s
       join pg_depend d on d.classid = 'pg_class'::regclass and d.objid = s.oid and d.deptype in ('a', 'i')
       join pg_class t on t.oid = d.refobjid
      where s.relkind = 'S' and s.relnamespace = current_schema()::regnamespace and t.relname = any($1::text[])
      order by s.relname`,
    [tables.map(({ name }) => name)],
  );
  return rows.map(({ name }) => name);
}

/**
 * Takes away what makes filling slow (foreign keys, indexes that are no key).
 * @returns the statements that make it all again, checking every row
 */
export async function stripTables(client: Client): Promise<string[]> {
  const { rows: keys } = await client.query<{ drop: string; make: string }>(
    `select format('alter table %s drop constraint %I', conrelid::regclass, conname) as drop,
            format('alter table %s add constraint %I %s', conrelid::regclass, conname, pg_get_constraintdef(oid)) as make
       from pg_constraint
      where contype = 'f' and connamespace = current_schema()::regnamespace and conparentid = 0
      order by conrelid::regclass::text, conname`,
  );
  for (const { drop } of keys) await client.query(drop);
  const { rows: indexes } = await client.query<{ drop: string; make: string }>(
    `select format('drop index %s', i.indexrelid::regclass) as drop, pg_get_indexdef(i.indexrelid) as make
       from pg_index i join pg_class c on c.oid = i.indexrelid
      where c.relnamespace = current_schema()::regnamespace and not c.relispartition
        and not exists (select from pg_constraint where conindid = i.indexrelid)
      order by c.relname`,
  );
  for (const { drop } of indexes) await client.query(drop);
  return [...indexes, ...keys].map(({ make }) => make);
}

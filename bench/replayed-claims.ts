import type pg from 'pg';
import { CLAIM_TABLES } from './claim-tables.ts';
import type { Sent } from './recorded-claims.ts';

/** What pgbench's scripts take from it: which of the batches is next. */
const NEXT_BATCH = '\\set batch :client_id * :stride + :turn\n\\set turn :turn + 1';

/**
 * Puts what recorded statements were sent with into a table, and writes them as a script for pgbench
 * that sends them again. Variables to define: turn, and stride, the batches of each of its clients.
 */
export async function replayScript(pool: pg.Pool, recorded: readonly (readonly Sent[])[]): Promise<string> {
  const [pattern] = recorded as [readonly Sent[]];
  const odd = recorded.findIndex(
    (batch) => batch.length !== pattern.length || batch.some(({ text }, step) => text !== pattern[step]!.text),
  );
  if (odd >= 0) throw new Error(`Batch ${odd} was not claimed by the same statements as the first.`);
  await pool.query('drop table if exists bench_values');
  await pool.query(
    'create table bench_values (batch integer, step integer, position integer, value text, primary key (batch, step, position))',
  );
  for (const [batch, statements] of recorded.entries()) {
    const values = statements.flatMap((sent, step) =>
      sent.values.map((value, index) => ({ batch, step, position: index + 1, value })),
    );
    await pool.query(
      `insert into bench_values select * from jsonb_to_recordset($1::jsonb)
                                         as r(batch integer, step integer, position integer, value text)`,
      [JSON.stringify(values)],
    );
  }
  await pool.query('vacuum analyze bench_values');
  const statements = pattern.map(({ text, values }, step) => {
    // A colon would be a variable to pgbench, also between quotes.
    const isWritten = (index: number) =>
      !values[index]?.includes(':') && recorded.every((batch) => batch[step]!.values[index] === values[index]);
    const written = withoutComments(text).replaceAll(/\$(\d+)\b/g, (_, digits: string) => {
      const position = Number(digits);
      const value = values[position - 1]!;
      if (isWritten(position - 1)) return value === null ? 'null' : `'${value.replaceAll("'", "''")}'`;
      return `(select value from bench_values where batch = :batch and step = ${step} and position = ${position})`;
    });
    return `${written.replaceAll(/\s+/g, ' ').trim()};`;
  });
  return [NEXT_BATCH, ...statements, ''].join('\n');
}

/** A newline is no more than a space in pgbench's script, and a comment would not end. */
function withoutComments(text: string): string {
  return text.replaceAll(/--[^\n]*/g, ' ');
}

/**
 * Keeps the rows that the claims have written, by batch, and writes a script for pgbench that
 * inserts them again: into each table the rows of a batch with one statement, all in one
 * transaction, and nothing else. Each batch was one transaction. Variables as with replayScript.
 */
export async function bareInsertsScript(pool: pg.Pool, batches: number): Promise<string> {
  const inserts: string[] = [];
  for (const table of CLAIM_TABLES) {
    const copy = `bench_${table}`;
    await pool.query(`drop table if exists ${copy}`);
    await pool.query(
      `create table ${copy} as select dense_rank() over (order by xmin::text::bigint)::integer - 1 as batch, t.* from ${table} as t`,
    );
    const { rows } = await pool.query<{ found: number }>(`select count(distinct batch)::int4 as found from ${copy}`);
    const found = rows[0]!.found;
    if (found === 0) continue; // claims write nothing there
    if (found !== batches) throw new Error(`${batches} batches have left rows of ${found} transactions in ${table}.`);
    await pool.query(`create index on ${copy} (batch)`);
    await pool.query(`vacuum analyze ${copy}`);
    const { rows: columns } = await pool.query<{ names: string }>(
      `select string_agg(quote_ident(attname), ', ' order by attnum) as names
         from pg_attribute where attrelid = $1::regclass and attnum > 0 and not attisdropped and attgenerated = ''`,
      [table],
    );
    const { names } = columns[0]!;
    inserts.push(`insert into ${table} (${names}) select ${names} from ${copy} where batch = :batch;`);
  }
  return [NEXT_BATCH, 'begin;', ...inserts, 'commit;', ''].join('\n');
}

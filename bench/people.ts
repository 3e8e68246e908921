import type pg from 'pg';

// The people of the benches have numbers, from which their names and ids follow.

/** Twelve digits, so that an id ends with the number as it is. */
const FIRST = 100_000_000_000;
const ID_BEGIN = '00000000-0000-4000-8000-';

/** A prime, larger than any number of people's divisors: all of them come, each once, far from who came before. */
const STRIDE = 7_919;

/** Who comes n-th, of so many people: not in the order in which they stand in the directory. */
export function personAt(n: number, people: number): number {
  return (n * STRIDE) % people;
}

/** The same as an expression of pgbench. */
export function personAtExpression(n: string, people: number): string {
  return `(${n}) * ${STRIDE} % ${people}`;
}

/** The same as SQL: with FIRST added, as idSql and nameSql take it. */
export function personAtSql(n: string, people: string): string {
  return `${FIRST} + (${n}) * ${STRIDE} % ${people}`;
}

/** A person's user principal name as SQL, of an SQL expression for FIRST + person. */
export function nameSql(number: string): string {
  return `'person' || (${number}) || '@bench.example'`;
}

/** A person's user principal name. */
export function nameOf(person: number): string {
  return `person${FIRST + person}@bench.example`;
}

/** A person's id as SQL, of an SQL expression for FIRST + person. */
export function idSql(number: string): string {
  return `('${ID_BEGIN}' || (${number})::text)::uuid`;
}

/** What idSql takes, for the first person. */
export const FIRST_NUMBER = FIRST;

/** Puts people with the numbers from 0 on into a tenant's directory. */
export async function insertPeople(pool: pg.Pool, tenantId: string, count: number): Promise<void> {
  await pool.query(
    `insert into users (tenant_id, user_id, user_principal_name, display_name, mail, usage_location, created_at)
     select $1, ${idSql('n')}, ${nameSql('n')}, 'Person ' || n, ${nameSql('n')}, 'US',
            date_trunc('milliseconds', clock_timestamp())
       from generate_series($2::bigint, $2::bigint + $3::bigint - 1) as n`,
    [tenantId, FIRST, count],
  );
  await pool.query('vacuum analyze users');
}

import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type pg from 'pg';
import { bareInsertOfProducts, bareInsertOfUsers } from './peers/bare-inserts.ts';
import { Measurements } from './harness/measurements.ts';
import { startPostgresql } from './harness/postgresql.ts';
import { call, getToken } from './organisation.ts';
import { startOurServer } from './our-server.ts';
import type { Bench } from './run.ts';
import { userTable } from './user-table.ts';

/** Microsoft's own table, which isn't part of the project. */
const PRODUCT_TABLE = join(import.meta.dirname, '../../shared/data/licensing-service-plan-reference.csv');
const USERS = 100_000;

/** One of the imports: what is sent, what must come of it, and the rows it can't do without. */
interface ImportCase {
  readonly name: string;
  readonly path: string;
  readonly csv: Buffer<ArrayBuffer>;
  readonly secondsAtMost: number;
  readonly bareInsert: (pool: pg.Pool, tenantId: string, csv: Buffer) => Promise<void>;
}

/** Imports into new tenants: of everything for the first time, and again of what is there already. */
export const imports: Bench = async ({ repetitions, flags, started, say }) => {
  const notes: string[] = [];
  const cases: ImportCase[] = [];
  if (existsSync(PRODUCT_TABLE)) {
    const csv = readFileSync(PRODUCT_TABLE);
    cases.push({ name: 'product table', path: 'products', csv, secondsAtMost: 2, bareInsert: bareInsertOfProducts });
  } else {
    notes.push(`The product table was skipped: ${PRODUCT_TABLE} is not here.`);
  }
  const users = userTable(USERS);
  cases.push({ name: '100,000 users', path: 'users', csv: users, secondsAtMost: 30, bareInsert: bareInsertOfUsers });

  const postgresql = await startPostgresql(started);
  const { pool } = postgresql;
  const { client: operator } = await startOurServer(started, postgresql, flags);
  const url = operator.baseUrl;

  const measured = new Measurements();
  for (let repetition = 1; repetition <= repetitions; repetition += 1) {
    for (const { name, path, csv, secondsAtMost, bareInsert } of cases) {
      say(`Repetition ${repetition} of ${repetitions}: ${name} …`);
      const operatorToken = await getToken(operator);
      const [tenant, other] = [await newTenant(url, operatorToken), await newTenant(url, operatorToken)];
      const token = await getToken({ ...tenant, baseUrl: url });
      const first = await timed(() => importCsv(url, token, path, csv));
      const again = await timed(() => importCsv(url, token, path, csv));
      const bare = await timed(() => bareInsert(pool, other.tenantId, csv));
      if (again.result.added + again.result.changed > 0) throw new Error(`${name} a second time was not as the first.`);
      if (again.result.unchanged !== first.result.added) throw new Error(`${name} was not added whole.`);
      measured.add(name, 's', first.seconds, { atMost: secondsAtMost });
      measured.add(`${name}, unchanged`, 's', again.seconds);
      measured.add(`${name}, bare inserts`, 's', bare.seconds);
      measured.addRatio(`${name}: import / bare inserts`, name, `${name}, bare inserts`);
    }
  }
  return { figures: measured.figures, notes };
};

async function newTenant(url: string, token: string) {
  const name = randomUUID().slice(0, 8);
  const draft = { displayName: `Tenant ${name}`, defaultDomain: `${name}.example`, countryLetterCode: 'US' };
  const { id, clientId, clientSecret } = await call(url, token, 'POST', '/admin/tenants', draft);
  return { tenantId: id as string, clientId: clientId as string, clientSecret: clientSecret as string };
}

interface Counts {
  readonly added: number;
  readonly changed: number;
  readonly unchanged: number;
}

async function importCsv(url: string, token: string, path: string, csv: Buffer<ArrayBuffer>): Promise<Counts> {
  const response = await fetch(`${url}/v1.0/admin/import/${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'text/csv' },
    body: csv,
  });
  const answer = await response.text();
  if (!response.ok) throw new Error(`The import of ${path} was answered with ${response.status}: ${answer}`);
  return JSON.parse(answer) as Counts;
}

async function timed<T>(work: () => Promise<T>): Promise<{ result: T; seconds: number }> {
  const from = performance.now();
  const result = await work();
  return { result, seconds: (performance.now() - from) / 1000 };
}

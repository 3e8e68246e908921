import { randomUUID } from 'node:crypto';
import { parse } from 'csv-parse/sync';
import type pg from 'pg';

// Peers: the rows of a table that an import can't do without, inserted a thousand at a time in
// one transaction; nothing is checked, compared or audited.

const ROWS_PER_STATEMENT = 1_000;

export async function bareInsertOfUsers(pool: pg.Pool, tenantId: string, csv: Buffer): Promise<void> {
  const rows = parse<Record<string, string>>(csv, { columns: true }).map((cells) => ({
    user_id: randomUUID(),
    user_principal_name: cells['User principal name'],
    display_name: cells['Display name'],
    given_name: cells['First name'],
    surname: cells['Last name'],
    job_title: cells['Title'],
    department: cells['Department'],
    city: cells['City'],
    country: cells['CountryOrRegion'],
    office_location: cells['Office'],
    street_address: cells['Street address'],
    usage_location: cells['Usage location'],
  }));
  const columns = Object.keys(rows[0]!);
  const types = columns.map((column) => `${column} ${column === 'user_id' ? 'uuid' : 'text'}`);
  await insert(pool, [
    {
      text: `insert into users (tenant_id, created_at, ${columns.join(', ')})
             select $1, now(), ${columns.join(', ')} from jsonb_to_recordset($2::jsonb) as r(${types.join(', ')})`,
      tenantId,
      rows,
    },
  ]);
}

export async function bareInsertOfProducts(pool: pg.Pool, tenantId: string, csv: Buffer): Promise<void> {
  const rows = parse<Record<string, string>>(csv, { columns: true, bom: true }).map((cells, position) => ({
    sku_id: cells['GUID']!.trim(),
    sku_part_number: cells['String_Id'],
    product_name: cells['Product_Display_Name'],
    service_plan_id: cells['Service_Plan_Id']!.trim(),
    service_plan_name: cells['Service_Plan_Name'],
    friendly_name: cells['Service_Plans_Included_Friendly_Names'],
    position,
  }));
  await insert(pool, [
    {
      text: `insert into products (tenant_id, sku_id, sku_part_number, display_name, created_at)
             select $1, sku_id, sku_part_number, product_name, now()
               from jsonb_to_recordset($2::jsonb) as r(sku_id uuid, sku_part_number text, product_name text)
             on conflict do nothing`,
      tenantId,
      rows,
    },
    {
      text: `insert into product_plans (tenant_id, sku_id, service_plan_id, service_plan_name, friendly_name, position)
             select $1, r.*
               from jsonb_to_recordset($2::jsonb) as r(sku_id uuid, service_plan_id uuid, service_plan_name text,
                                                       friendly_name text, position integer)
             on conflict do nothing`,
      tenantId,
      rows,
    },
  ]);
}

interface Insert {
  readonly text: string;
  readonly tenantId: string;
  readonly rows: readonly object[];
}

async function insert(pool: pg.Pool, inserts: readonly Insert[]): Promise<void> {
  const client = await pool.connect();
  try {
    await client.query('begin');
    for (const { text, tenantId, rows } of inserts) {
      for (let at = 0; at < rows.length; at += ROWS_PER_STATEMENT) {
        await client.query(text, [tenantId, JSON.stringify(rows.slice(at, at + ROWS_PER_STATEMENT))]);
      }
    }
    await client.query('commit');
  } finally {
    client.release();
  }
}

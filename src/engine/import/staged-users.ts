import type { Readable } from 'node:stream';
import type { Selectable } from 'kysely';
import { v7 as newId } from 'uuid';
import type { UsersTable } from '../../db/schema.ts';
import { USER_COLUMN_NAMES } from '../directory/user-records.ts';
import { userValues, type NewUser, type UserValues } from '../directory/user.ts';
import type { TenantTransaction } from '../tenant/tenancy.ts';
import { IMPORT_ERRORS_MAX, type ImportErrors } from './import-errors.ts';
import { OBJECT_ID, PRINCIPAL_NAME, readUserTable, type ListedUser } from './user-table.ts';

/** A file with more users than Microsoft's largest tenants have is not one export. */
const USERS_MAX = 1_000_000;
const ROWS_PER_STATEMENT = 1_000;

/** A user of the file beside the user as he is. */
export interface StagedUser {
  readonly id: string;
  /** What the file says; times as text, as JSON has them. */
  readonly listed: NewUser;
  readonly createdAt: Date | undefined;
  /** Undefined: he is new. */
  readonly before: { readonly values: UserValues; readonly createdAt: Date } | undefined;
}

/**
 * Takes the file's users to a temporary table of this transaction.
 * @throws ImportRejected where the file can't be read to its end
 */
export async function stageUsers(tx: TenantTransaction, input: Readable, errors: ImportErrors): Promise<void> {
  // old_name: of a user whose name another one gets in the same file.
  await tx.client.query(`
    create temporary table imported_users (
      line integer not null, user_id uuid not null, has_id boolean not null, name text not null,
      listed json not null, created_at timestamptz, old_name text) on commit drop`);
  let count = 0;
  let rows: ListedUser[] = [];
  for await (const user of readUserTable(input, errors)) {
    count += 1;
    if (count > USERS_MAX) throw errors.rejected(user.line, `There are more than ${USERS_MAX} users.`);
    rows.push(user);
    if (rows.length < ROWS_PER_STATEMENT) continue;
    await stage(tx, rows);
    rows = [];
  }
  await stage(tx, rows);
  await tx.client.query(`
    create index on imported_users (line);
    create index on imported_users (user_id);
    create index on imported_users (lower(name));
    analyze imported_users`);
}

async function stage(tx: TenantTransaction, rows: readonly ListedUser[]): Promise<void> {
  const staged = rows.map(({ line, objectId, values, createdAt }) => ({
    line,
    user_id: objectId ?? newId(),
    has_id: objectId !== undefined,
    name: values.userPrincipalName,
    listed: values,
    created_at: createdAt ?? null,
  }));
  await tx.client.query(
    `insert into imported_users (line, user_id, has_id, name, listed, created_at)
     select * from json_to_recordset($1::json)
       as r(line integer, user_id uuid, has_id boolean, name text, listed json, created_at timestamptz)`,
    [JSON.stringify(staged)],
  );
}

/** Finds the users that rows without an Object Id mean; notes rows that mean the same user, or take another's name. */
export async function checkStaged(tx: TenantTransaction, errors: ImportErrors): Promise<void> {
  await tx.client.query(
    `update imported_users i set user_id = u.user_id
       from users u where u.tenant_id = $1 and not i.has_id and lower(u.user_principal_name) = lower(i.name)`,
    [tx.tenantId],
  );
  const { rows: same } = await tx.client.query<{ line: number; has_id: boolean; same_user: number; same_name: number }>(
    `select line, has_id, same_user, same_name
       from (select line, has_id, min(line) over (partition by user_id) as same_user,
                    min(line) over (partition by lower(name)) as same_name from imported_users) as i
      where line > same_user or line > same_name order by line limit ${IMPORT_ERRORS_MAX}`,
  );
  for (const { line, has_id, same_user, same_name } of same) {
    const isSameUser = same_user < line;
    errors.add(
      line,
      isSameUser && has_id ? OBJECT_ID : PRINCIPAL_NAME,
      isSameUser
        ? `This is the same user as in line ${same_user}.`
        : `This is the same user principal name as in line ${same_name}.`,
    );
  }
  // Whoever is in the file himself gets the name that the file gives him.
  const { rows: taken } = await tx.client.query<{ line: number; user_id: string }>(
    `select i.line, u.user_id
       from imported_users i
       join users u on u.tenant_id = $1 and lower(u.user_principal_name) = lower(i.name) and u.user_id <> i.user_id
      where not exists (select from imported_users j where j.user_id = u.user_id)
      order by i.line limit ${IMPORT_ERRORS_MAX}`,
    [tx.tenantId],
  );
  for (const { line, user_id } of taken) {
    errors.add(line, PRINCIPAL_NAME, `This user principal name belongs to another user, ${user_id}.`);
  }
}

/** Lets go of names that pass from one user of the file to another, so that their order doesn't matter. */
export async function freeNames(tx: TenantTransaction): Promise<void> {
  await tx.client.query(
    `with passed as (
       select u.user_id, u.user_principal_name
         from imported_users i
         join users u on u.tenant_id = $1 and lower(u.user_principal_name) = lower(i.name) and u.user_id <> i.user_id
     ), kept as (
       update imported_users i set old_name = passed.user_principal_name from passed where i.user_id = passed.user_id
     )
     update users set user_principal_name = users.user_id::text || '@renamed.invalid'
       from passed where users.tenant_id = $1 and users.user_id = passed.user_id`,
    [tx.tenantId],
  );
}

interface StagedRow {
  line: number;
  imported_id: string;
  listed: NewUser;
  imported_created_at: Date | null;
  old_name: string | null;
}

/** The staged users in the order of the file, beside their locked rows, in parts. */
export async function* readStaged(tx: TenantTransaction): AsyncGenerator<StagedUser[]> {
  for (let line = 0; ;) {
    // Locked as they are read: nobody's change is lost between. Laterally, because the statistics
    // know nothing of the users added so far: joined, all of them would be read each time.
    const { rows } = await tx.client.query<StagedRow & Partial<Selectable<UsersTable>>>(
      `select i.line, i.user_id as imported_id, i.listed, i.created_at as imported_created_at, i.old_name,
              u.user_id, u.created_at, ${USER_COLUMN_NAMES.map((column) => `u.${column}`).join(', ')}
         from imported_users i
         left join lateral (select * from users where tenant_id = $1 and user_id = i.user_id
                             limit 1 for no key update) as u on true
        where i.line > $2 order by i.line limit ${ROWS_PER_STATEMENT}`,
      [tx.tenantId, line],
    );
    if (rows.length === 0) return;
    yield rows.map(stagedUser);
    line = rows.at(-1)!.line;
  }
}

function stagedUser(row: StagedRow & Partial<Selectable<UsersTable>>): StagedUser {
  const { imported_id: id, listed, imported_created_at, old_name } = row;
  const createdAt = imported_created_at ?? undefined;
  if (!row.user_id) return { id, listed, createdAt, before: undefined };
  const stored = row as Selectable<UsersTable>;
  const values = userValues(old_name === null ? stored : { ...stored, user_principal_name: old_name });
  return { id, listed, createdAt, before: { values, createdAt: stored.created_at } };
}

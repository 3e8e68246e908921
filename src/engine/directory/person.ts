import type { Database } from '../../db/open.ts';

/** A person who has signed in, as they are at this moment. */
export interface Person {
  readonly userId: string;
  readonly userPrincipalName: string;
  readonly displayName: string;
  /** The directory roles they hold, by id, sorted. */
  readonly roleIds: readonly string[];
}

const PERSON = `u.user_id as "userId", u.user_principal_name as "userPrincipalName", u.display_name as "displayName",
  array(select m.role_id::text from directory_role_members m
         where m.tenant_id = u.tenant_id and m.user_id = u.user_id order by m.role_id) as "roleIds"`;

/** A user who may sign in: there, and not blocked. */
export async function readPerson(db: Database, tenantId: string, userId: string): Promise<Person | undefined> {
  const { rows } = await db.pool.query<Person>(
    `select ${PERSON} from users u where u.tenant_id = $1 and u.user_id = $2 and u.is_account_enabled`,
    [tenantId, userId],
  );
  return rows[0];
}

/** What apps are told of a person, beside who they are. */
export interface Profile extends Person {
  readonly givenName: string | null;
  readonly surname: string | null;
  readonly mail: string | null;
}

/** A user who may sign in, with what apps are told of them. */
export async function readProfile(db: Database, tenantId: string, userId: string): Promise<Profile | undefined> {
  const { rows } = await db.pool.query<Profile>(
    `select ${PERSON}, u.given_name as "givenName", u.surname, u.mail
       from users u where u.tenant_id = $1 and u.user_id = $2 and u.is_account_enabled`,
    [tenantId, userId],
  );
  return rows[0];
}

/**
 * The same, as long as the session lasts in which they signed in: a token of a session that has
 * ended is one of nobody's. Read for each request, so that a role that is taken away, a block and
 * a sign-out count at once.
 */
export async function readPersonInSession(
  db: Database,
  tenantId: string,
  userId: string,
  sessionUid: string,
): Promise<Person | undefined> {
  const { rows } = await db.pool.query<Person>({
    name: 'person-in-session',
    text: `select ${PERSON} from users u
            where u.tenant_id = $1 and u.user_id = $2 and u.is_account_enabled
              and exists (select from openid_artifacts s
                           where s.tenant_id = $1 and s.session_uid = $3 and s.model = 'Session'
                             and s.payload ->> 'accountId' = $2::text and s.expires_at > clock_timestamp()
                             and to_timestamp((s.payload ->> 'loginTs')::bigint)
                                 >= date_trunc('second', coalesce(u.sessions_ended_at, '-infinity')))`,
    values: [tenantId, userId, sessionUid],
  });
  return rows[0];
}

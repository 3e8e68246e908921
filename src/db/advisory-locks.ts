// The numbers of all advisory locks of the program, in one place, so that no two are the same: a
// lock that two kinds of work share would make one of them wait for ever.

export const MIGRATION_LOCK = 8_365_001;
export const FIRST_TENANT_LOCK = 8_365_002;
/** Held on the embedded PostgreSQL for as long as an Autoclaim lives on its data folder. */
export const FOLDER_LOCK = 8_365_003;
/** The first half of a job's lock; the second comes from its name. */
export const JOB_LOCKS = 8_365_004;
/** The first half of a tenant's: one import of users at a time. */
export const USER_IMPORT_LOCKS = 8_365_005;
/** Held shared by every server on its database, and whole by a migration that such servers would not survive. */
export const SCHEMA_IN_USE_LOCK = 8_365_006;
/**
 * The first half of a tenant's: held shared by who puts a user into a group or takes one out, and whole
 * by who changes what groups give or which groups they contain.
 */
export const GROUP_LICENSING_LOCKS = 8_365_007;

// Beside the schemas, so that the admin center loads these without the schema library.

/** Whose licenses one request changes; more are several requests. */
export const PEOPLE_MAX = 1_000;

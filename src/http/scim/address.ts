/** Where SCIM 2.0 comes in; the tenant follows from the token. */
export const SCIM_PATH = '/scim/v2';

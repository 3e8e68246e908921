import { Type } from 'typebox';

/** What an import did, by things and not by lines. */
export const ImportCounts = Type.Object({
  added: Type.Integer(),
  changed: Type.Integer(),
  unchanged: Type.Integer(),
});

import { Type, type Static } from 'typebox';
import { Value } from 'typebox/value';
import { BackupRefused } from './refusal.ts';

// What a back-up says of itself: the last file in it, manifest.json.

/** Of the archive; a reader knows this one and those before it. */
export const FORMAT = 1;

const strict = { additionalProperties: false };
const Count = Type.Integer({ minimum: 0 });
const Identifier = Type.String({ pattern: '^[a-z_][a-z0-9_]{0,62}$' });

const TableContent = Type.Object(
  {
    name: Identifier,
    /** In the order of the rows' values. */
    columns: Type.Array(Identifier, { minItems: 1 }),
    rows: Count,
    /** Of the rows as PostgreSQL's COPY writes them (text). */
    bytes: Count,
    sha256: Type.String({ pattern: '^[0-9a-f]{64}$' }),
  },
  strict,
);
export type TableContent = Static<typeof TableContent>;

const Sequence = Type.Object(
  { name: Identifier, lastValue: Type.String({ pattern: '^-?[0-9]{1,19}$' }), isCalled: Type.Boolean() },
  strict,
);
export type Sequence = Static<typeof Sequence>;

const Manifest = Type.Object(
  {
    application: Type.Literal('autoclaim'),
    format: Type.Literal(FORMAT),
    /** Of Autoclaim. */
    version: Type.String(),
    createdDateTime: Type.String(),
    postgresql: Type.String(),
    /** What had been run on the database, in order. */
    migrations: Type.Array(Type.Object({ version: Count, name: Type.String() }, strict), { minItems: 1 }),
    tables: Type.Array(TableContent, { minItems: 1 }),
    sequences: Type.Array(Sequence),
  },
  strict,
);
export type Manifest = Static<typeof Manifest>;

/** @throws BackupRefused where it is none, or one of a newer format */
export function parseManifest(text: string): Manifest {
  let found: unknown;
  try {
    found = JSON.parse(text);
  } catch {
    throw new BackupRefused('Its manifest is no JSON.');
  }
  const { application, format, version } = (found ?? {}) as Partial<Record<keyof Manifest, unknown>>;
  if (application === 'autoclaim' && typeof format === 'number' && format > FORMAT) {
    throw new BackupRefused(
      `It was made by a newer Autoclaim (${String(version)}), in a format that this one can't read. Restore it with that version or a later one.`,
    );
  }
  if (!Value.Check(Manifest, found)) {
    const [first] = Value.Errors(Manifest, found);
    throw new BackupRefused(
      `Its manifest is none of Autoclaim's (${first?.instancePath ?? ''} ${first?.message ?? ''}).`,
    );
  }
  const names = found.tables.map(({ name }) => name);
  if (new Set(names).size < names.length) throw new BackupRefused('Its manifest names a table twice.');
  return found;
}

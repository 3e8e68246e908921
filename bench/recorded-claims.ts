import type pg from 'pg';
import { openDatabase, type Database } from '../src/db/open.ts';
import { decideSignIns } from '../src/engine/claim/claim.ts';
import type { BenchOrganisation } from './organisation.ts';
import { nameOf, personAt } from './people.ts';

/** A statement as the engine sent it. */
export interface Sent {
  readonly text: string;
  /** As PostgreSQL takes them: texts, or null. */
  readonly values: readonly (string | null)[];
}

/**
 * Claims in batches, by the engine itself, and notes each statement that it sends for them.
 * @returns the statements of each batch
 */
export async function recordClaims(
  connection: pg.PoolConfig,
  { tenantId, organisation, people }: { tenantId: string; organisation: BenchOrganisation; people: number },
  { batches, size }: { batches: number; size: number },
): Promise<Sent[][]> {
  const db = openDatabase(connection, () => undefined);
  const recorded: Sent[][] = [];
  const recorder = recording(db, (sent) => recorded.at(-1)!.push(sent));
  try {
    for (let batch = 0; batch < batches; batch += 1) {
      recorded.push([]);
      const signIns = Array.from({ length: size }, (_, index) => ({
        appId: organisation.roomyApp.appId,
        userId: null,
        userPrincipalName: nameOf(personAt(batch * size + index, people)),
        clientId: 'bench',
        correlationId: null,
        actor: { kind: 'application' as const, appId: organisation.roomyApp.appId, displayName: 'bench' },
        requestId: null,
      }));
      const { answers } = await decideSignIns(recorder, tenantId, signIns);
      const claimed = [...answers.values()].filter((answer) => 'outcome' in answer && answer.outcome === 'claimed');
      if (claimed.length !== size) throw new Error(`Of a batch of ${size}, ${claimed.length} have claimed.`);
    }
  } finally {
    await db.close();
  }
  return recorded;
}

type Query = (query: string | pg.QueryConfig, values?: readonly unknown[]) => Promise<unknown>;

/** A database whose statements are noted as they are sent. */
function recording(db: Database, note: (sent: Sent) => void): Database {
  const noting =
    (query: Query): Query =>
    (asked, values) => {
      const [text, given] = typeof asked === 'string' ? [asked, values] : [asked.text, asked.values ?? values];
      note({ text, values: (given ?? []).map(asText) });
      return query(asked, values);
    };
  // Both also work on what they are: a client's and the pool's own fields and listeners.
  const noted = <T extends object>(target: T, methods: Partial<Record<keyof T, unknown>>): T =>
    new Proxy(target, {
      get(_, name) {
        if (Object.hasOwn(methods, name)) return methods[name as keyof T];
        const value: unknown = Reflect.get(target, name, target);
        return typeof value === 'function' ? (value.bind(target) as unknown) : value;
      },
    });
  const pool = noted(db.pool, {
    query: noting(db.pool.query.bind(db.pool) as Query),
    connect: async () => {
      const client = await db.pool.connect();
      return noted(client, { query: noting(client.query.bind(client) as unknown as Query) });
    },
  });
  return { ...db, pool };
}

function asText(value: unknown): string | null {
  if (value === null || value === undefined) return null;
  if (typeof value === 'string') return value;
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value)) return `{${value.map((one) => `"${String(one)}"`).join()}}`;
  return JSON.stringify(value);
}

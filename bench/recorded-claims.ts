import pg from 'pg';
import { openDatabase } from '../src/db/open.ts';
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
  const { appId, skuId } = organisation.roomyApp;
  // As in the middle of a storm.
  const expectation = { appIds: new Set([appId]), skuIds: new Set([skuId]) };
  const recorded: Sent[][] = [];
  const stopNoting = noteStatements((sent) => recorded.at(-1)?.push(sent));
  try {
    for (let batch = 0; batch < batches; batch += 1) {
      recorded.push([]);
      const signIns = Array.from({ length: size }, (_, index) => ({
        appId,
        userId: null,
        userPrincipalName: nameOf(personAt(batch * size + index, people)),
        clientId: 'bench',
        correlationId: null,
        actor: { kind: 'application' as const, appId: organisation.roomyApp.appId, displayName: 'bench' },
        requestId: null,
        door: 'api' as const,
      }));
      const { answers } = await decideSignIns(db, tenantId, signIns, expectation);
      const claimed = [...answers.values()].filter((answer) => 'outcome' in answer && answer.outcome === 'claimed');
      if (claimed.length !== size) throw new Error(`Of a batch of ${size}, ${claimed.length} have claimed.`);
    }
  } finally {
    stopNoting();
    await db.close();
  }
  return recorded;
}

type Query = (this: pg.Client, asked: string | pg.QueryConfig, values?: unknown, ...more: unknown[]) => unknown;

/** Tells of each statement that any connection of this process sends. @returns what ends it */
function noteStatements(note: (sent: Sent) => void): () => void {
  const { prototype } = pg.Client as unknown as { prototype: { query: Query } };
  const { query } = prototype;
  prototype.query = function (asked, values, ...more) {
    const [text, given] = typeof asked === 'string' ? [asked, values] : [asked.text, asked.values ?? values];
    note({ text, values: Array.isArray(given) ? given.map(asText) : [] });
    return query.call(this, asked, values, ...more);
  };
  return () => {
    prototype.query = query;
  };
}

function asText(value: unknown): string | null {
  if (value === null || value === undefined) return null;
  if (typeof value === 'string') return value;
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value)) return `{${value.map((one) => `"${String(one)}"`).join()}}`;
  return JSON.stringify(value);
}

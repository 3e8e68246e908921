import { forgetClaims } from './claim-tables.ts';
import { freePort, startProgram, type NodeProgram } from './harness/node-program.ts';
import { startPostgresql, type BenchPostgresql } from './harness/postgresql.ts';
import { postmasterOf, processorTime, processorTimeOfFamily } from './harness/processor-time.ts';
import { setUpOrganisation, type BenchOrganisation } from './organisation.ts';
import { startOurServer } from './our-server.ts';
import { insertPeople, nameOf } from './people.ts';

/** Our server on a PostgreSQL of its own, and people who claim from one pool that never runs out. */
export interface ClaimsStage {
  readonly postgresql: BenchPostgresql;
  readonly tenantId: string;
  readonly organisation: BenchOrganisation;
  readonly people: number;
  readonly ours: NodeProgram;
  /** The settings of our server, with which a peer takes the same tokens. */
  readonly settings: Readonly<Record<string, string>>;
  /** Takes everybody's licenses and what was written about them, and writes out what PostgreSQL still has in memory. */
  reset(): Promise<void>;
}

/** @param flags for the node that runs our server, as --cpu-prof */
export async function startClaimsStage(
  started: AsyncDisposableStack,
  people: number,
  flags: readonly string[],
): Promise<ClaimsStage> {
  const postgresql = await startPostgresql(started);
  const { pool } = postgresql;
  const { program: ours, client, settings } = await startOurServer(started, postgresql, flags);
  const { tenantId } = client;
  const organisation = await setUpOrganisation(client, people);
  await insertPeople(pool, tenantId, people);
  return {
    postgresql,
    tenantId,
    organisation,
    people,
    ours,
    settings,
    async reset() {
      await forgetClaims(pool);
      await pool.query('checkpoint');
    },
  };
}

/** Everything that bench/claims.ts measures, running side by side on one PostgreSQL. */
export interface Stage extends Omit<ClaimsStage, 'ours' | 'settings'> {
  /** The name of person 0. */
  readonly firstPerson: string;
  readonly servers: Readonly<Record<'ours' | 'constant' | 'bare' | 'naive', NodeProgram>>;
  /** The processor time in ms that one of them and PostgreSQL have used until now; NaN where it can't be told. */
  processorTime(server: NodeProgram): { readonly server: number; readonly postgresql: number };
  countClaims(): Promise<number>;
}

/** @param flags for the node that runs our server, as --cpu-prof */
export async function startStage(
  started: AsyncDisposableStack,
  people: number,
  flags: readonly string[],
): Promise<Stage> {
  const { ours, settings: environment, ...stage } = await startClaimsStage(started, people, flags);
  const { pool } = stage.postgresql;
  const startPeer = async (script: string, ...more: string[]) => {
    const options = { port: await freePort(), environment, flags: [] };
    return startProgram(started, [`bench/peers/${script}`, ...more], options);
  };
  const { skuId, policyId } = stage.organisation.roomyApp;
  const postmaster = await postmasterOf(pool);
  return {
    ...stage,
    firstPerson: nameOf(0),
    servers: {
      ours,
      constant: await startPeer('constant-server.ts'),
      bare: await startPeer('bare-server.ts'),
      naive: await startPeer('naive-server.ts', skuId, policyId),
    },
    processorTime: ({ processId }) => ({
      server: processorTime(processId),
      postgresql: processorTimeOfFamily(postmaster),
    }),
    async countClaims() {
      const { rows: counted } = await pool.query<{ count: number }>('select count(*)::int4 as count from claims');
      return counted[0]!.count;
    },
  };
}

import pg from 'pg';
import { StoreUnavailable } from './failures.ts';
import { hostsOf, tellHost, type Host } from './hosts.ts';

/** A host that doesn't answer within this is taken for gone. */
const PROBE_TIMEOUT_MS = 2_000;

interface Found {
  readonly host: Host;
  /** A number that grows with each promotion. */
  readonly timeline: number;
}

/** Finds the one of several hosts that takes writes, and remembers it until it is gone. */
export class Primary {
  readonly #config: pg.ClientConfig;
  readonly #hosts: readonly Host[];
  #found: Promise<Host> | undefined;

  /** @param config how to connect, whatever the host */
  constructor(config: pg.ClientConfig, hosts: readonly Host[]) {
    this.#config = config;
    this.#hosts = hosts;
  }

  /** @throws StoreUnavailable with what each host said */
  locate(): Promise<Host> {
    this.#found ??= this.#search().catch((error: unknown) => {
      this.#found = undefined;
      throw error;
    });
    return this.#found;
  }

  /** It is gone, or no primary any more: the next asks anew. */
  forget(): void {
    this.#found = undefined;
  }

  /**
   * Asks all hosts. Where two take writes, one is a primary of former times that nobody has fenced
   * off: the one that was promoted last is the right one.
   */
  async #search(): Promise<Host> {
    const answers = await Promise.all(
      this.#hosts.map((host) =>
        this.#probe(host).catch((error: Error) => `${tellHost(host)}: ${error.message || 'no answer'}`),
      ),
    );
    const found = answers.filter((answer) => typeof answer !== 'string');
    const [latest] = found.toSorted((one, other) => other.timeline - one.timeline);
    if (latest) return latest.host;
    const told = answers.filter((answer) => typeof answer === 'string');
    throw new StoreUnavailable(`None of the hosts takes writes (${told.join('; ')})`);
  }

  async #probe(host: Host): Promise<Found> {
    const client = new pg.Client({
      ...this.#config,
      connectionTimeoutMillis: PROBE_TIMEOUT_MS,
      query_timeout: PROBE_TIMEOUT_MS,
    });
    Object.assign(client, host);
    client.on('error', () => undefined);
    try {
      await client.connect();
      const { rows } = await client.query<{ is_standby: boolean; timeline: string | null }>(
        `select current_setting('transaction_read_only') = 'on' as is_standby,
                case when not pg_is_in_recovery() then left(pg_walfile_name(pg_current_wal_lsn()), 8) end as timeline`,
      );
      if (rows[0]!.is_standby || rows[0]!.timeline === null) throw new Error('takes no writes');
      return { host, timeline: Number.parseInt(rows[0]!.timeline, 16) };
    } finally {
      // Not waited for: a host that hangs would hold up the others.
      void client.end().catch(() => undefined);
    }
  }
}

/** How to connect as node-postgres takes it, and the kind of client to do it with. */
export interface Connector {
  readonly config: pg.PoolConfig;
  readonly Client: typeof pg.Client;
}

/** For a connection whose URL may name several hosts. */
export function connectorOf(connection: pg.PoolConfig): Connector {
  const several = connection.connectionString ? hostsOf(connection.connectionString) : undefined;
  if (!several) return { config: connection, Client: pg.Client };
  const config = { ...connection, connectionString: several.url };
  return { config, Client: clientOf(new Primary(config, several.hosts)) };
}

type Connected = (error: Error | null) => void;

/** A client of whichever host is the primary when it connects. */
function clientOf(primary: Primary): typeof pg.Client {
  return class ClientOfPrimary extends pg.Client {
    override connect(): Promise<this>;
    override connect(callback: Connected): void;
    override connect(callback?: Connected): Promise<this> | void {
      const connected = this.#connect();
      if (!callback) return connected;
      connected.then(
        () => callback(null),
        (error: Error) => callback(error),
      );
    }

    async #connect(): Promise<this> {
      Object.assign(this, await primary.locate());
      try {
        await super.connect();
        const { rows } = await this.query<{ takes_writes: boolean }>('select not pg_is_in_recovery() as takes_writes');
        if (!rows[0]!.takes_writes) throw new StoreUnavailable('The host has become a standby');
        return this;
      } catch (error) {
        primary.forget();
        void this.end().catch(() => undefined);
        throw error;
      }
    }
  };
}

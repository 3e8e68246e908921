import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import type { SocketServer } from '../history/installation.ts';
import { framesOf } from './frames.ts';

/** A moment between Autoclaim and PostgreSQL, in the middle of a transaction. */
export interface Moment {
  /** Statements of the transaction before this one; 0 is BEGIN. */
  readonly step: number;
  readonly isCommit: boolean;
  /** asked: PostgreSQL hasn't heard of it yet. answered: it has done it, and nobody has heard of that. */
  readonly when: 'asked' | 'answered';
}

/** Stands between an Autoclaim and its PostgreSQL, and cuts the connection at chosen moments. */
export class DatabaseProxy {
  /** What is to happen at a moment. */
  react: (moment: Moment) => 'pass' | 'cut' = () => 'pass';
  /** How many connections were cut. */
  cuts = 0;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(server: Server) {
    this.#server = server;
  }

  static async open(database: SocketServer): Promise<DatabaseProxy> {
    // Without waiting for more to send: each statement is a small packet.
    const server = createServer({ noDelay: true });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const proxy = new DatabaseProxy(server);
    const path = join(database.host, `.s.PGSQL.${database.port}`);
    server.on('connection', (client) => proxy.#join(client, connect(path)));
    return proxy;
  }

  /** A DATABASE_URL that leads through here. */
  urlOf({ user, database }: { user: string; database: string }): string {
    return `postgres://${user}@127.0.0.1:${(this.#server.address() as AddressInfo).port}/${database}`;
  }

  /** Every connection that there is; new ones can be made. */
  cutAll(): void {
    this.#sockets.forEach((socket) => socket.destroy());
  }

  async close(): Promise<void> {
    this.cutAll();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #join(client: Socket, backend: Socket): void {
    // In a transaction: the statement that is under way.
    let step = -1;
    let isCommit = false;
    const end = () => {
      client.destroy();
      backend.destroy();
    };
    const passes = (when: Moment['when']) => {
      if (step < 0 || this.react({ step, isCommit, when }) === 'pass') return true;
      this.cuts += 1;
      end();
      return false;
    };
    for (const socket of [client, backend]) {
      this.#sockets.add(socket);
      socket.on('error', end).on('close', () => {
        this.#sockets.delete(socket);
        end();
      });
    }
    const asked = framesOf(true);
    client.on('data', (chunk: Buffer) => {
      for (const { type, bytes, text } of asked(chunk)) {
        // A simple query, or the end of what belongs to a prepared one.
        if (type === 'Q' || type === 'S') {
          if (type === 'Q' && /^begin/i.test(text)) step = 0;
          else if (step >= 0) step += 1;
          isCommit = type === 'Q' && /\bcommit\b/i.test(text);
          if (!passes('asked')) return;
        }
        backend.write(bytes);
      }
    });
    const answered = framesOf(false);
    backend.on('data', (chunk: Buffer) => {
      for (const { type, bytes, text } of answered(chunk)) {
        const isDone = isCommit ? type === 'C' && text.startsWith('COMMIT') : type === 'Z';
        if (isDone && !passes('answered')) return;
        // Ready for the next, and in no transaction.
        if (type === 'Z' && text.startsWith('I')) step = -1;
        client.write(bytes);
      }
    });
  }
}

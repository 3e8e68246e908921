import assert from 'node:assert/strict';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { after, afterEach, before, describe, it } from 'node:test';
import { StoreUnavailable } from '../../src/db/failures.ts';
import { openDatabase, type Database } from '../../src/db/open.ts';
import { inTransaction } from '../../src/db/transaction.ts';
import { inThisMoment } from '../harness/autoclaim-process.ts';
import { createTestDatabase, type TestDatabase } from '../harness/database.ts';

// A database's machine that has vanished: connections stay, and nothing comes back on them, ever.

/** A machine's TCP port, with PostgreSQL behind it until it vanishes. */
interface Machine {
  readonly port: number;
  vanish(): void;
  close(): void;
}

describe('a database whose machine has vanished', () => {
  let target: TestDatabase;
  let machines: Machine[] = [];
  let opened: Database[] = [];

  before(async () => {
    target = await createTestDatabase();
    await target.pool.query('create table things (id integer primary key)');
  });
  afterEach(async () => {
    machines.forEach((machine) => machine.close());
    machines = [];
    await Promise.all(opened.map((db) => db.close()));
    opened = [];
  });
  after(() => target.close());

  async function startMachine(): Promise<Machine> {
    const { host, port } = target.connection;
    const sockets = new Set<Socket>();
    let isThere = true;
    const server: Server = createServer((down) => {
      const up = connect(join(host, `.s.PGSQL.${port}`));
      for (const socket of [down, up]) sockets.add(socket.on('error', () => undefined));
      down.on('data', (bytes) => isThere && up.write(bytes)).on('close', () => up.destroy());
      up.on('data', (bytes) => isThere && down.write(bytes)).on('close', () => down.destroy());
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const machine = {
      port: (server.address() as AddressInfo).port,
      vanish() {
        isThere = false;
      },
      close() {
        server.close();
        sockets.forEach((socket) => socket.destroy());
      },
    };
    machines.push(machine);
    return machine;
  }

  /** With limits that a test can wait for. */
  function open(...on: Machine[]): Database {
    const { user, database } = target.connection;
    const hosts = on.map(({ port }) => `127.0.0.1:${port}`).join();
    const limits = { query_timeout: 400, connectionTimeoutMillis: 4_000 };
    const db = openDatabase(
      { connectionString: `postgresql://${user}@${hosts}/${database}`, ...limits },
      () => undefined,
    );
    opened.push(db);
    return db;
  }

  const write = (db: Database, id: number, beforeCommit: () => void = () => undefined) =>
    inTransaction(db, async ({ client }) => {
      await client.query('insert into things values ($1)', [id]);
      beforeCommit();
    });

  it('keeps nobody waiting, and what wasn’t answered is unsure', async () => {
    const machine = await startMachine();
    const db = open(machine);
    await write(db, 1);
    const began = performance.now();
    // The COMMIT is lost on its way.
    await assert.rejects(
      write(db, 2, () => machine.vanish()),
      StoreUnavailable,
    );
    assert.ok(performance.now() - began < (await inThisMoment(1_500)));
    // Its connection is used no more.
    assert.equal(db.pool.idleCount, 0);
  });

  it('is passed over where DATABASE_URL names another, whatever the order', async () => {
    const [gone, there] = [await startMachine(), await startMachine()];
    gone.vanish();
    for (const [id, db] of [open(gone, there), open(there, gone)].entries()) {
      const began = performance.now();
      await write(db, 10 + id);
      assert.ok(performance.now() - began < (await inThisMoment(3_500)));
    }
  });

  it('is left for another when it vanishes', async () => {
    const [one, other] = [await startMachine(), await startMachine()];
    const db = open(one, other);
    // Both take writes, as far as this goes; the first is asked first.
    await write(db, 20);
    one.vanish();
    await assert.rejects(write(db, 21), StoreUnavailable);
    // At the latest the second time: the first may still find it out.
    await write(db, 22).catch(() => write(db, 22));
  });
});

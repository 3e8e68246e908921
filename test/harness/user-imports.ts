import assert from 'node:assert/strict';
import type { Answer, TestServer } from './server.ts';

/** Files of users and what they do to one tenant. */
export class UserImports {
  readonly #server: TestServer;
  tenantId: string;

  constructor(server: TestServer, tenantId: string) {
    this.#server = server;
    this.tenantId = tenantId;
  }

  async send(csv: string | Buffer, headers: Record<string, string> = {}): Promise<Answer> {
    const token = await this.#server.token(['User.ReadWrite.All'], this.tenantId);
    const response = await fetch(`${this.#server.url}/v1.0/admin/import/users`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'text/csv', ...headers },
      body: csv as NonNullable<RequestInit['body']>,
    });
    return { status: response.status, headers: response.headers, body: await response.json() };
  }

  async assertCounts(csv: string | Buffer, added: number, changed: number, unchanged: number): Promise<void> {
    const answer = await this.send(csv);
    assert.deepEqual([answer.status, answer.body], [200, { added, changed, unchanged }], JSON.stringify(answer.body));
  }

  async users(): Promise<any[]> {
    const { rows } = await this.#server.db.pool.query(
      'select * from users where tenant_id = $1 order by lower(display_name), user_id',
      [this.tenantId],
    );
    return rows;
  }

  async audits(): Promise<any[]> {
    const { rows } = await this.#server.db.pool.query(
      "select * from audit_entries where tenant_id = $1 and target_type = 'User' order by happened_at, audit_id",
      [this.tenantId],
    );
    return rows;
  }

  /** The file is refused with these findings, and nothing is written. */
  async assertRejected(csv: string | Buffer, ...details: [number, string | undefined, RegExp][]): Promise<void> {
    const state = async () => JSON.stringify([await this.users(), await this.audits()]);
    const before = await state();
    const answer = await this.send(csv);
    assert.equal(answer.status, 400, JSON.stringify(answer.body));
    assert.equal(answer.body.error.code, 'Request_BadRequest');
    assert.match(answer.body.error.message, /^Nothing was imported/);
    const found = answer.body.error.details;
    assert.equal(found.length, details.length, JSON.stringify(found));
    for (const [index, [line, target, message]] of details.entries()) {
      assert.deepEqual([found[index].line, found[index].target], [line, target], JSON.stringify(found[index]));
      assert.match(found[index].message, message);
    }
    assert.equal(await state(), before);
  }
}

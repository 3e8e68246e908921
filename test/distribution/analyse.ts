import type pg from 'pg';
import { isNode, readTree, walk, type TreeNode } from './node-tree.ts';

/** Commands that have no plan, and touch no rows of a tenant. */
const UTILITY = /^\s*(begin|commit|rollback|savepoint|release|set|show|analyze|create|drop|discard)\b/i;

/** Of a function. */
const PARAMETERS_MAX = 100;

/** Whether a statement is one that PostgreSQL plans. */
export function isPlanned(text: string): boolean {
  return !UTILITY.test(text);
}

/**
 * A statement as PostgreSQL understands it in this database. It is prepared, for the types of its
 * parameters, and kept as a function's body; nothing of it is run, and nothing of it stays.
 * @param values what was sent with it: where it has more parameters than a function may have, they
 *   stand for themselves
 */
export async function analyse(client: pg.ClientBase, text: string, values?: readonly unknown[]): Promise<TreeNode> {
  await client.query('begin');
  try {
    await client.query(`prepare analysed as ${text}`);
    const { rows } = await client.query<{ types: string[] }>(
      "select parameter_types::text[] as types from pg_prepared_statements where name = 'analysed'",
    );
    await client.query('deallocate analysed');
    const { types } = rows[0]!;
    const short = text.replaceAll(/\$(\d+)/g, (parameter, digits: string) => {
      const [type, value] = [types[Number(digits) - 1]!, values?.[Number(digits) - 1]];
      if (Number(digits) <= PARAMETERS_MAX) return parameter;
      return type === 'uuid' && typeof value === 'string' ? `'${value}'::uuid` : `null::${type}`;
    });
    await client.query(
      `create function pg_temp.analysed(${types.slice(0, PARAMETERS_MAX).join()}) returns void begin atomic ${short}; end`,
    );
    const { rows: bodies } = await client.query<{ body: string }>(
      "select prosqlbody::text as body from pg_proc where proname = 'analysed' and pronamespace = pg_my_temp_schema()",
    );
    for (const node of walk(readTree(bodies[0]!.body))) if (isNode(node, 'QUERY')) return node;
    throw new Error('PostgreSQL keeps no tree of it.');
  } finally {
    await client.query('rollback');
    await client.query('deallocate all');
  }
}

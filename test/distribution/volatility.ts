import type pg from 'pg';
import { isList, isNode, nodesOf, walk, type Tree, type TreeNode } from './node-tree.ts';
import type { TableKinds } from './routing.ts';

/** How much each function's answer depends on when it is asked: pg_proc.provolatile by oid. */
export interface Volatilities {
  readonly ofFunction: ReadonlyMap<string, string>;
  /** Of a type's text form, both ways: the worse of the two. */
  readonly ofType: ReadonlyMap<string, string>;
  readonly names: ReadonlyMap<string, string>;
}

const STABLE = 's';
const VOLATILE = 'v';
const UPDATE = '2';
const INSERT = '3';
const DELETE = '4';

export async function readVolatilities(client: pg.ClientBase): Promise<Volatilities> {
  const { rows: functions } = await client.query<{ oid: string; name: string; kind: string }>(
    'select oid::text, proname as name, provolatile as kind from pg_proc',
  );
  const { rows: types } = await client.query<{ oid: string; kind: string }>(
    `select t.oid::text, case when i.provolatile = 'i' and o.provolatile = 'i' then 'i' else 's' end as kind
       from pg_type t join pg_proc i on i.oid = t.typinput join pg_proc o on o.oid = t.typoutput`,
  );
  return {
    ofFunction: new Map(functions.map(({ oid, kind }) => [oid, kind])),
    ofType: new Map(types.map(({ oid, kind }) => [oid, kind])),
    names: new Map(functions.map(({ oid, name }) => [oid, name])),
  };
}

/**
 * What Citus refuses in statements that write to distributed tables, because it would come out
 * differently on each placement: volatile functions in SET and WHERE, stable ones of columns, any
 * that isn't immutable in ON CONFLICT, RETURNING, CASE and COALESCE. Nothing where all is well.
 * (ModifyPartialQuerySupported in Citus's multi_router_planner.c.)
 */
export function whyNotWritten(query: TreeNode, tables: TableKinds, volatilities: Volatilities): string[] {
  const faults: string[] = [];
  for (const one of walk(query)) if (isNode(one, 'QUERY')) examine(one);
  return [...new Set(faults)];

  function examine(one: TreeNode): void {
    const target = nodesOf(one['rtable'])[Number(one['resultRelation']) - 1];
    if (tables.kinds.get(target?.['relid'] as string) !== 'distributed') return;
    const command = one['commandType'];
    if (![UPDATE, INSERT, DELETE].includes(command as string)) faults.push('MERGE');
    const quals = isNode(one['jointree'] ?? null) ? (one['jointree'] as TreeNode)['quals'] : null;
    if (command !== INSERT) {
      refuse('WHERE', quals, VOLATILE);
      refuseOfColumns('WHERE', quals);
    }
    if (command === INSERT && one['hasSubLinks'] === 'true') faults.push('a subquery among the values of an INSERT');
    if (one['hasRecursive'] === 'true') faults.push('WITH RECURSIVE in a statement that writes');
    if (command === UPDATE) {
      refuse('SET', one['targetList'], VOLATILE);
      refuseOfColumns('SET', one['targetList']);
    }
    refuse('RETURNING', one['returningList'], STABLE);
    if (isNode(one['onConflict'] ?? null)) {
      const conflict = one['onConflict'] as TreeNode;
      refuse('DO UPDATE SET', conflict['onConflictSet'], STABLE);
      refuse('DO UPDATE WHERE', conflict['onConflictWhere'], STABLE);
    }
    // A CTE that Citus has to run apart, before the statement.
    for (const cte of nodesOf(one['cteList'])) refuse('a CTE', cte['ctequery'], VOLATILE);
  }

  /** @param from the least bad that is refused */
  function refuse(where: string, tree: Tree | undefined, from: 's' | 'v'): void {
    for (const { name, kind } of functionsIn(tree)) {
      if (kind === VOLATILE || kind === from)
        faults.push(`${name} in ${where} is ${kind === VOLATILE ? 'volatile' : 'stable'}`);
    }
  }

  function refuseOfColumns(where: string, tree: Tree | undefined): void {
    for (const node of walk(tree)) {
      const [own] = functionOf(node);
      const isChoice = isNode(node, 'COALESCEEXPR', 'CASEEXPR');
      if (isChoice && functionsIn(node).length > 0)
        faults.push(`${functionsIn(node)[0]!.name} in a choice in ${where}`);
      if (own?.kind === STABLE && [...walk(node)].some((inner) => isNode(inner, 'VAR'))) {
        faults.push(`${own.name} in ${where} is stable and of a column`);
      }
    }
  }

  function functionsIn(tree: Tree | undefined): { name: string; kind: string }[] {
    return [...walk(tree)].flatMap(functionOf);
  }

  function functionOf(node: TreeNode): { name: string; kind: string }[] {
    if (isNode(node, 'SQLVALUEFUNCTION')) return [{ name: 'current_timestamp or the like', kind: STABLE }];
    if (isNode(node, 'COERCEVIAIO')) {
      const types = [node['resulttype'] as string, ...typesOf(node['arg'])];
      return types.some((type) => volatilities.ofType.get(type) === STABLE)
        ? [{ name: 'a cast by text', kind: STABLE }]
        : [];
    }
    const oid = node['funcid'] ?? node['opfuncid'] ?? node['aggfnoid'] ?? node['winfnoid'];
    if (typeof oid !== 'string') return [];
    const kind = volatilities.ofFunction.get(oid) ?? VOLATILE;
    return kind === 'i' ? [] : [{ name: volatilities.names.get(oid) ?? oid, kind }];
  }
}

/** The type of an expression, where its node says it. */
function typesOf(tree: Tree | undefined): string[] {
  if (!isNode(tree) || isList(tree)) return [];
  const type = ['vartype', 'paramtype', 'consttype', 'funcresulttype', 'opresulttype', 'resulttype', 'casetype']
    .map((field) => tree[field])
    .find((one) => typeof one === 'string');
  return type === undefined ? [] : [type];
}

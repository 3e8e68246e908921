import { isList, isNode, nodesOf, walk, type Tree, type TreeNode } from './node-tree.ts';

/** What the tables of a database are to Citus, by their oid. */
export interface TableKinds {
  readonly kinds: ReadonlyMap<string, 'distributed' | 'global' | 'temporary'>;
  readonly names: ReadonlyMap<string, string>;
  /** The attribute number of tenant_id in a distributed table. */
  readonly tenantColumns: ReadonlyMap<string, string>;
}

const SELECT = '1';
const UPDATE = '2';
const INSERT = '3';
const RELATION = '0';
const SUBQUERY = '1';
const JOIN = '2';
const VALUES = '5';
const CTE = '6';
const GROUP = '9';
const LEFT_JOIN = '1';
const FULL_JOIN = '2';
const RIGHT_JOIN = '3';
/** uuid = uuid. */
const UUID_EQUALS = '2972';
const EXISTS = '0';
/** The type. */
const UUID = '2950';

/** A query and those around it. */
interface Scope {
  readonly id: number;
  readonly query: TreeNode;
  readonly outer: Scope | undefined;
  /** Each row of the outer query runs it anew: a scalar subquery, or a lateral one. */
  readonly isCorrelated: boolean;
}

/** What a column stands for: a column of a table in a scope, or a value given with the statement. */
type Meaning = { readonly column: string } | { readonly value: string };

/** Where `from` is a tenant's, so is `to`. */
interface Edge {
  readonly from: Meaning;
  readonly to: string;
  readonly isCorrelated: boolean;
}

/** A table that a statement reads or writes. */
interface Reference {
  readonly table: string;
  readonly alias: string;
  /** What its tenant_id is: a key of edges, or for an INSERT the value that is inserted. */
  readonly tenant: Meaning | undefined;
}

/**
 * Why Citus could not send an analysed statement to one shard; nothing where it can. Each
 * distributed table that it names must be bound to one tenant: by `tenant_id = $n`, or by an
 * equality with a tenant_id that is.
 * @param values what was sent with the statement: parameters that differ may mean the same tenant
 */
export function whyNotRouted(query: TreeNode, tables: TableKinds, values?: readonly unknown[]): string[] {
  const scopes: Scope[] = [];
  const edges: Edge[] = [];
  const references: Reference[] = [];
  const globals = new Set<string>();
  enter(query, undefined, false);

  const bound = bind(edges);
  const faults: string[] = [];
  const tenants = new Map<string, string>();
  const isPlain = scopes.every(
    ({ query: one }) =>
      one['commandType'] === SELECT && one['hasForUpdate'] !== 'true' && one['hasRecursive'] !== 'true',
  );
  for (const { table, alias, tenant } of references) {
    const name = table === alias ? table : `${table} ${alias}`;
    const known =
      tenant && ('value' in tenant ? { value: tenant.value, isCorrelated: false } : bound.get(tenant.column));
    if (!known) faults.push(`${name} is bound to no tenant`);
    else if (known.isCorrelated && !isPlain) {
      faults.push(`${name} is bound by correlation alone, in a statement that writes, locks or recurs`);
    }
    if (known) tenants.set(meantBy(known.value, values), name);
  }
  if (tenants.size > 1) faults.push(`${[...tenants.values()].join(' and ')} are of different tenants`);
  if (references.length > 0 && globals.size > 0)
    faults.push(`${[...globals].join()} is not beside the tenants' tables`);
  return [...faults, ...scopes.flatMap((scope) => changesTenant(scope, tables))];

  function enter(tree: TreeNode, outer: Scope | undefined, isCorrelated: boolean): Scope {
    const known = scopes.find((one) => one.query === tree);
    if (known) return known;
    const scope: Scope = { id: scopes.length, query: tree, outer, isCorrelated };
    scopes.push(scope);
    for (const cte of nodesOf(tree['cteList'])) enter(cte['ctequery'] as TreeNode, scope, false);
    nodesOf(tree['rtable']).forEach((entry, index) => enterTable(scope, entry, index + 1));
    addEdges(scope, tree['jointree'], () => 'both');
    for (const expression of [
      'jointree',
      'targetList',
      'returningList',
      'havingQual',
      'onConflict',
      'limitCount',
      'limitOffset',
    ]) {
      enterSubqueries(scope, tree[expression]);
    }
    for (const entry of nodesOf(tree['rtable'])) enterSubqueries(scope, entry['functions']);
    return scope;
  }

  function enterSubqueries(scope: Scope, tree: Tree | undefined): void {
    for (const link of walk(tree, (node) => !isNode(node, 'SUBLINK', 'QUERY'))) {
      if (!isNode(link, 'SUBLINK')) continue;
      enterSubqueries(scope, link['testexpr']);
      enter(link['subselect'] as TreeNode, scope, link['subLinkType'] !== EXISTS);
    }
  }

  function enterTable(scope: Scope, entry: TreeNode, index: number): void {
    if (entry['rtekind'] === SUBQUERY) enter(entry['subquery'] as TreeNode, scope, entry['lateral'] === 'true');
    // EXCLUDED has a table's columns and is none.
    if (entry['rtekind'] !== RELATION || entry['relkind'] === 'c') return;
    const relation = entry['relid'] as string;
    const table = tables.names.get(relation) ?? relation;
    const kind = tables.kinds.get(relation);
    if (kind === 'global') globals.add(table);
    if (kind !== 'distributed') return;
    const isInserted = scope.query['commandType'] === INSERT && scope.query['resultRelation'] === String(index);
    const column = tables.tenantColumns.get(relation)!;
    const tenant = isInserted ? insertedTenant(scope, column) : { column: keyOf(scope, String(index), column) };
    if (isInserted && tenant)
      edges.push({ from: tenant, to: keyOf(scope, String(index), column), isCorrelated: false });
    references.push({ table, alias: (entry['eref'] as TreeNode)['aliasname'] as string, tenant });
  }

  function insertedTenant(scope: Scope, column: string): Meaning | undefined {
    const target = nodesOf(scope.query['targetList']).find((entry) => entry['resno'] === column);
    return target && meaningOf(scope, target['expr']);
  }

  /** @param direction of an equality between two columns, or of a column with a value */
  function addEdges(scope: Scope, tree: Tree | undefined, direction: (index: string) => 'both' | 'to' | 'none'): void {
    if (isList(tree)) {
      tree.forEach((one) => addEdges(scope, one, direction));
    } else if (isNode(tree, 'FROMEXPR')) {
      addEdges(scope, tree['fromlist'], direction);
      addEdges(scope, tree['quals'], direction);
    } else if (isNode(tree, 'JOINEXPR')) {
      addEdges(scope, tree['larg'], direction);
      addEdges(scope, tree['rarg'], direction);
      // An outer join's condition says something of the rows of its optional side alone.
      const optional = {
        [LEFT_JOIN]: tablesIn(tree['rarg']),
        [RIGHT_JOIN]: tablesIn(tree['larg']),
        [FULL_JOIN]: new Set<string>(),
      }[tree['jointype'] as string];
      addEdges(scope, tree['quals'], optional ? (index) => (optional.has(index) ? 'to' : 'none') : direction);
    } else if (isNode(tree, 'BOOLEXPR') && tree['boolop'] === 'and') {
      addEdges(scope, tree['args'], direction);
    } else if (isNode(tree, 'OPEXPR') && tree['opno'] === UUID_EQUALS) {
      const [left, right] = nodesOf(tree['args']);
      addEquality(scope, left, right, direction);
      addEquality(scope, right, left, direction);
    }
  }

  function addEquality(
    scope: Scope,
    one: TreeNode | undefined,
    other: TreeNode | undefined,
    direction: (index: string) => 'both' | 'to' | 'none',
  ): void {
    const [to, from] = [meaningOf(scope, one), meaningOf(scope, other)];
    if (!to || !from || !('column' in to) || one?.['varlevelsup'] !== '0') return;
    if (direction(one['varno'] as string) === 'none') return;
    const isOuter = other?.['varlevelsup'] !== undefined && other['varlevelsup'] !== '0';
    edges.push({ from, to: to.column, isCorrelated: isOuter && scope.isCorrelated });
  }

  /** What an expression stands for, through joins, subqueries and CTEs; undefined where it is neither column nor value. */
  function meaningOf(scope: Scope, expression: Tree | undefined): Meaning | undefined {
    if (isNode(expression, 'PARAM')) return { value: `$${expression['paramid'] as string}` };
    if (isNode(expression, 'CONST')) return { value: constantOf(expression) };
    if (isNode(expression, 'RELABELTYPE', 'COERCEVIAIO')) return meaningOf(scope, expression['arg']);
    if (!isNode(expression, 'VAR')) return undefined;
    let of: Scope = scope;
    for (let level = Number(expression['varlevelsup']); level > 0; level -= 1) of = of.outer!;
    const [index, column] = [expression['varno'] as string, expression['varattno'] as string];
    const entry = nodesOf(of.query['rtable'])[Number(index) - 1]!;
    const place = Number(column) - 1;
    switch (entry['rtekind']) {
      case RELATION:
        return { column: keyOf(of, index, column) };
      case JOIN:
        return meaningOf(of, (entry['joinaliasvars'] as Tree[])[place]);
      case GROUP:
        return meaningOf(of, (entry['groupexprs'] as Tree[])[place]);
      case SUBQUERY:
        return meaningInside(enter(entry['subquery'] as TreeNode, of, entry['lateral'] === 'true'), column);
      case VALUES: {
        const rows = (entry['values_lists'] as Tree[][]).map((row) => meaningOf(of, row[place]));
        const given = new Set(rows.map((row) => (row && 'value' in row ? meantBy(row.value, values) : undefined)));
        return given.size === 1 ? rows[0] : undefined;
      }
      case CTE: {
        if (entry['self_reference'] === 'true') return undefined;
        let at: Scope = of;
        for (let level = Number(entry['ctelevelsup']); level > 0; level -= 1) at = at.outer!;
        const cte = nodesOf(at.query['cteList']).find((one) => one['ctename'] === entry['ctename'])!;
        return meaningInside(enter(cte['ctequery'] as TreeNode, at, false), column);
      }
      default:
        return undefined;
    }
  }

  function meaningInside(inner: Scope, column: string): Meaning | undefined {
    if (inner.query['setOperations'] !== null) return undefined;
    const list = inner.query[inner.query['commandType'] === SELECT ? 'targetList' : 'returningList'];
    return meaningOf(inner, nodesOf(list).find((entry) => entry['resno'] === column)?.['expr']);
  }
}

function keyOf(scope: Scope, index: string, column: string): string {
  return `${scope.id}.${index}.${column}`;
}

/** A GUID as text, as a parameter's value is; anything else by its bytes. */
function constantOf({ consttype, constvalue }: TreeNode): string {
  const bytes = isList(constvalue) && isList(constvalue[1]) ? constvalue[1] : [];
  if (consttype !== UUID || bytes.length !== 16) return JSON.stringify(constvalue);
  const hex = bytes.map((byte) => (Number(byte) & 0xff).toString(16).padStart(2, '0')).join('');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

/** The tables of a part of a join, by their index. */
function tablesIn(tree: Tree | undefined): Set<string> {
  return new Set([...walk(tree)].flatMap((node) => (isNode(node, 'RANGETBLREF') ? [node['rtindex'] as string] : [])));
}

function bind(edges: readonly Edge[]): Map<string, { value: string; isCorrelated: boolean }> {
  const bound = new Map<string, { value: string; isCorrelated: boolean }>();
  for (let isChanged = true; isChanged;) {
    isChanged = false;
    for (const { from, to, isCorrelated } of edges) {
      const source = 'value' in from ? { value: from.value, isCorrelated: false } : bound.get(from.column);
      if (!source) continue;
      const next = { value: source.value, isCorrelated: source.isCorrelated || isCorrelated };
      const known = bound.get(to);
      if (known && (!known.isCorrelated || next.isCorrelated)) continue;
      bound.set(to, next);
      isChanged = true;
    }
  }
  return bound;
}

function meantBy(value: string, values: readonly unknown[] | undefined): string {
  const parameter = /^\$(\d+)$/.exec(value);
  return parameter && values ? String(values[Number(parameter[1]) - 1]).toLowerCase() : value;
}

/** An UPDATE, or an upsert's, that writes tenant_id: rows don't move between shards. */
function changesTenant({ query }: Scope, tables: TableKinds): string[] {
  const target = nodesOf(query['rtable'])[Number(query['resultRelation']) - 1];
  const column = tables.tenantColumns.get(target?.['relid'] as string);
  if (column === undefined) return [];
  const conflict = isNode(query['onConflict'] ?? null) ? (query['onConflict'] as TreeNode)['onConflictSet'] : null;
  const written = [...(query['commandType'] === UPDATE ? nodesOf(query['targetList']) : []), ...nodesOf(conflict)];
  return written.some((entry) => entry['resno'] === column && entry['resjunk'] === 'false')
    ? ['it writes tenant_id of a row that is there']
    : [];
}

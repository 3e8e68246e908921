// PostgreSQL's analysed statements, as it keeps them itself (pg_node_tree): names are resolved to
// tables and columns there, and operators to functions, so that nothing of that is done anew here.

/** A node: its kind, such as QUERY or OPEXPR, and its fields. */
export interface TreeNode {
  readonly node: string;
  readonly [field: string]: Tree;
}

/** null is what PostgreSQL writes as <>. */
export type Tree = string | null | TreeNode | readonly Tree[];

const TOKEN = /[(){}[\]]|"(?:[^"\\]|\\.)*"|(?:[^\s(){}[\]\\]|\\.)+/gs;

/** Reads a pg_node_tree. */
export function readTree(text: string): Tree {
  const tokens = text.match(TOKEN) ?? [];
  let at = 0;
  return readOne();

  function readOne(): Tree {
    const token = tokens[at++];
    switch (token) {
      case undefined:
        throw new Error('The tree ends in the middle.');
      case '{':
        return readNode();
      case '(':
        return readUntil(')');
      case '[':
        return readUntil(']');
      case '<>':
        return null;
      default:
        return token.replace(/^"(.*)"$/s, '$1').replaceAll(/\\(.)/gs, '$1');
    }
  }

  function readUntil(end: string): Tree[] {
    const found: Tree[] = [];
    while (tokens[at] !== end) found.push(readOne());
    at += 1;
    return found;
  }

  function readNode(): TreeNode {
    const fields: Record<string, Tree> & { node: string } = { node: tokens[at++]! };
    while (tokens[at] !== '}') {
      const name = tokens[at++]!.replace(/^:/, '');
      // A constant's value comes as its length and its bytes.
      fields[name] = tokens[at + 1] === '[' ? [readOne(), readOne()] : readOne();
    }
    at += 1;
    return fields;
  }
}

export function isNode(tree: Tree | undefined, ...kinds: readonly string[]): tree is TreeNode {
  return (
    typeof tree === 'object' && tree !== null && !isList(tree) && (kinds.length === 0 || kinds.includes(tree.node))
  );
}

export function isList(tree: Tree | undefined): tree is readonly Tree[] {
  return Array.isArray(tree);
}

/** A field that is a list of nodes; an empty one where it isn't there. */
export function nodesOf(tree: Tree | undefined): TreeNode[] {
  return isList(tree) ? tree.filter((one): one is TreeNode => isNode(one)) : [];
}

/** All nodes of a tree in its order; `into` says whether to look inside one. */
export function* walk(tree: Tree | undefined, into: (node: TreeNode) => boolean = () => true): Generator<TreeNode> {
  if (isList(tree)) {
    for (const one of tree) yield* walk(one, into);
  } else if (isNode(tree)) {
    yield tree;
    if (into(tree)) for (const value of Object.values(tree)) yield* walk(value, into);
  }
}

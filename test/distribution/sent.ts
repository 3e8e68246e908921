import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PostgresQueryCompiler } from 'kysely';
import pg from 'pg';
import ts from 'typescript';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** A place in the program that sends a statement: a file of src and the lines of the call. */
export interface Place {
  readonly file: string;
  readonly from: number;
  readonly to: number;
}

/** What was sent to PostgreSQL: statements by their text, and from where in the program. */
export interface Sent {
  /** The values are of one of the times that it was sent. */
  readonly statements: Map<string, { values: readonly unknown[] | undefined; from: Set<string> }>;
  /** file:line of src/ on the stack of any of them. */
  readonly lines: Set<string>;
  stop(): void;
}

type Compiler = PostgresQueryCompiler['compileQuery'];
type Compile = (this: PostgresQueryCompiler, ...given: Parameters<Compiler>) => ReturnType<Compiler>;
type Query = string | { readonly text?: string; readonly values?: readonly unknown[] };

/**
 * Notes all that this process sends by `pg`, and what Kysely makes, until stopped. Statements that
 * the tests send themselves are left out.
 */
export function noteSent(): Sent {
  const sent: Sent = { statements: new Map(), lines: new Set(), stop };
  const note = (text: string, values: readonly unknown[] | undefined) => {
    const frames = framesInSource();
    if (frames.length === 0 && !sent.statements.has(text)) return;
    const known = sent.statements.get(text);
    const entry = known ?? { values, from: new Set<string>() };
    if (values) entry.values = values;
    sent.statements.set(text, entry);
    for (const frame of frames) sent.lines.add(frame);
    if (frames[0]) entry.from.add(frames[0]);
  };
  const wrapped = [pg.Pool.prototype, pg.Client.prototype].map((prototype: object) => {
    const owner = prototype as { query: (...given: unknown[]) => unknown };
    const original = owner.query;
    owner.query = function (this: unknown, ...given: unknown[]) {
      const [query, values] = given as [Query, readonly unknown[] | undefined];
      if (typeof query === 'string') note(query, Array.isArray(values) ? values : undefined);
      else if (query?.text !== undefined) note(query.text, query.values ?? values);
      return original.apply(this, given);
    };
    return () => (owner.query = original);
  });
  const compiler = PostgresQueryCompiler.prototype as { compileQuery: Compile };
  const compile = compiler.compileQuery;
  compiler.compileQuery = function (...given) {
    const compiled = compile.apply(this, given);
    note(compiled.sql, compiled.parameters);
    return compiled;
  };
  return sent;

  function stop(): void {
    for (const restore of wrapped) restore();
    compiler.compileQuery = compile;
  }
}

/** file:line of the frames in src/, the innermost first. The stack is of the call itself: `pg` is called at once. */
function framesInSource(): string[] {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 60;
  const stack = new Error().stack ?? '';
  Error.stackTraceLimit = stackTraceLimit;
  return [...stack.matchAll(/(?:file:\/\/)?(\/[^\s()]+):(\d+):\d+/g)].flatMap(([, path, line]) => {
    const file = relative(ROOT, path!);
    return file.startsWith('src/') ? [`${file}:${line!}`] : [];
  });
}

/** Every call in src/ that sends a statement: `query(…)` of pg, `execute…()` of Kysely. */
export function placesThatSend(isLookedAt: (file: string) => boolean): Place[] {
  const files = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' })
    .map((name) => `src/${name.replaceAll('\\', '/')}`)
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts') && isLookedAt(name));
  return files.flatMap((file) => {
    const tree = ts.createSourceFile(file, readFileSync(join(ROOT, file), 'utf8'), ts.ScriptTarget.ESNext, true);
    const found: Place[] = [];
    visit(tree);
    return found;

    function visit(node: ts.Node): void {
      if (ts.isCallExpression(node) && isSending(node)) {
        const lineOf = (position: number) => tree.getLineAndCharacterOfPosition(position).line + 1;
        found.push({ file, from: lineOf(node.getStart(tree)), to: lineOf(node.getEnd()) });
        return;
      }
      ts.forEachChild(node, visit);
    }
  });
}

function isSending({ expression }: ts.CallExpression): boolean {
  if (!ts.isPropertyAccessExpression(expression)) return false;
  const name = expression.name.text;
  if (name === 'query') return /(^|\.)(client|pool|tx|connection)\??$/.test(expression.expression.getText());
  return ['execute', 'executeTakeFirst', 'executeTakeFirstOrThrow', 'stream'].includes(name);
}

export function wasSent({ file, from, to }: Place, lines: ReadonlySet<string>): boolean {
  return Array.from({ length: to - from + 1 }, (_, index) => `${file}:${from + index}`).some((line) => lines.has(line));
}

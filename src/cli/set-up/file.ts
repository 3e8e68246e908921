import { isNode, LineCounter, parseDocument, type Document } from 'yaml';
import type { Static } from 'typebox';
import type { SetUp, SetUpPlan } from '../../../contract/set-up.ts';
import type { Api } from '../remote/api.ts';
import { ApiFailure, CommandFailure } from '../remote/failure.ts';
import { readText } from '../terminal/input.ts';

/** What the API calls the document. */
const ROOT = 'setUp';

/** A file with a set-up, and where in it everything stands. */
export interface SetUpFile {
  /** As it is called where a line of it is named. */
  readonly path: string;
  readonly text: string;
  readonly document: Document;
  readonly lines: LineCounter;
}

/** Reads a file; - for standard input. @throws CommandFailure naming the line where it is no YAML */
export function readSetUp(file: string): SetUpFile {
  const text = readText(file);
  const path = file === '-' ? 'standard input' : file;
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const [error] = document.errors;
  if (error) {
    const { line } = lines.linePos(error.pos[0]);
    throw new CommandFailure(
      `${path}:${line}: ${error.message.split('\n', 1)[0]!.replace(/ at line \d+, column \d+:?$/, '')}`,
    );
  }
  return { path, text, document, lines };
}

/** Asks for the difference, or applies. What is wrong with the file is told by its lines. */
export async function sendSetUp(
  api: Api,
  to: 'plan' | 'apply',
  file: SetUpFile,
  options: { readonly prune?: boolean | undefined; readonly compareOnly?: boolean },
): Promise<Static<typeof SetUpPlan>> {
  const setUp = file.document.toJS() as SetUp | null;
  // An empty file is null, of which the API would say only that it is no object.
  const body = { setUp: setUp ?? {}, prune: options.prune ?? false, ...(options.compareOnly && { compareOnly: true }) };
  try {
    return await api.send('POST', `/admin/setUp/${to}`, { body });
  } catch (error) {
    throw error instanceof ApiFailure ? inFile(error, file) : error;
  }
}

/** The same failure, with lines for places. */
function inFile(error: ApiFailure, file: SetUpFile): ApiFailure {
  const findings = error.details.length > 0 ? error.details : [{ message: error.message }];
  const told = findings.map(({ target, message }) => {
    const [, named, rest] = target === undefined ? (PLACE.exec(message) ?? []) : [undefined, target, ` ${message}`];
    if (named === undefined) return message;
    const steps = stepsOf(named);
    const line = lineOf(file, steps);
    const where = line === undefined ? file.path : `${file.path}:${line}`;
    return `${where}: ${[wordsOf(steps), rest?.replace(/^:? */, '')].filter(Boolean).join(': ')}`;
  });
  if (error.details.length > 0 || PLACE.test(error.message)) {
    return new ApiFailure(error.status, error.code, told.join('\n'), error.requestId);
  }
  return error;
}

/** A place in the document at the beginning of a message. */
const PLACE = new RegExp(`^(${ROOT}(?:[.\\[][\\w$@.\\[\\]]*)?)(:? .*)$`, 's');

/** setUp.policies[0].app: the steps behind setUp. */
function stepsOf(place: string): (string | number)[] {
  return [...place.matchAll(/[^.[\]]+/g)].slice(1).map(([step]) => (/^\d+$/.test(step) ? Number(step) : step));
}

function wordsOf(steps: readonly (string | number)[]): string {
  return steps.reduce<string>(
    (text, step) => (typeof step === 'number' ? `${text}[${step}]` : text ? `${text}.${step}` : step),
    '',
  );
}

/** Of the innermost thing on the way that is there. */
function lineOf({ document, lines }: SetUpFile, steps: readonly (string | number)[]): number | undefined {
  for (let length = steps.length; length > 0; length -= 1) {
    const node = document.getIn(steps.slice(0, length), true);
    if (isNode(node) && node.range) return lines.linePos(node.range[0]).line;
  }
  return undefined;
}

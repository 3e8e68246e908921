import { chmodSync, existsSync, renameSync, statSync, writeFileSync } from 'node:fs';
import type { Static } from 'typebox';
import { Document } from 'yaml';
import type { SetUpAnswer } from '../../../contract/set-up.ts';
import { CommandFailure } from '../remote/failure.ts';
import type { RemoteContext } from '../remote/run-remote.ts';
import { count } from '../words.ts';
import { readSetUp, sendSetUp } from './file.ts';
import { updateDocument } from './update.ts';

/** Long lines are somebody's sentence or address: they aren't folded. */
const WRITTEN = { lineWidth: 0 };

/** Writes a set-up into a file; one that is there is brought up to date. @returns what was done, in words */
export async function writeSetUp(path: string, setUp: Parts, context: RemoteContext): Promise<string> {
  if (existsSync(path)) return update(path, setUp, context);
  writeFileSync(path, textOf(setUp, context.session.url), { flag: 'wx' });
  return `Wrote ${path}: ${contents(setUp)}.`;
}

export type Parts = Omit<Static<typeof SetUpAnswer>, '@odata.context'>;

/** A set-up as a new file. */
export function textOf(setUp: Parts, url: string): string {
  const document = new Document(setUp);
  document.commentBefore = [
    ` yaml-language-server: $schema=${url}/schemas/set-up.json`,
    ' The set-up of an organisation in Autoclaim. autoclaim plan -f shows what differs, autoclaim apply -f',
    ' brings it about. What is left out here is left as it is.',
  ].join('\n');
  return document.toString(WRITTEN);
}

function contents({ apps = [], policies = [], roles = [] }: Parts): string {
  const members = roles.reduce((sum, role) => sum + role.members.length, 0);
  return `${count(apps.length, 'app')}, ${count(policies.length, 'policy', 'policies')}, ${count(members, 'role member')}`;
}

/** Only what differs is written; so whatever else stands in the file stays as it is. */
async function update(path: string, setUp: Parts, { api }: RemoteContext): Promise<string> {
  const file = readSetUp(path);
  const { changes } = await sendSetUp(api, 'plan', file, { prune: true, compareOnly: true });
  if (changes.length === 0) return `${path} is up to date.`;
  updateDocument(file.document, changes, setUp);
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, file.document.toString(WRITTEN), { flag: 'wx' });
  chmodSync(draft, statSync(path).mode);
  renameSync(draft, path);
  const { changes: left } = await sendSetUp(api, 'plan', readSetUp(path), { prune: true, compareOnly: true });
  if (left.length > 0)
    throw new CommandFailure(`${path} was written, and still differs. See: autoclaim plan --prune -f ${path}`);
  return `Brought ${path} up to date: ${count(changes.length, 'difference')}.`;
}

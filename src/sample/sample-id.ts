import { v5 as idFromName } from 'uuid';

const NAMESPACE = 'c0470500-0000-4000-8000-000000008365';

/** The id of a thing of the sample: the same on every installation, so that guides can name it. */
export function sampleId(kind: 'user' | 'group' | 'app' | 'application' | 'subscription', name: string): string {
  return idFromName(`${kind} ${name}`, NAMESPACE);
}

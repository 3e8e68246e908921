import type { Database } from '../../db/open.ts';
import { decideLink, type LinkDecision } from '../../engine/identity-provider/decide-link.ts';
import { externalPersonOf, type ExternalPerson } from '../../engine/identity-provider/external-person.ts';
import type { IdentityProvider } from '../../engine/identity-provider/identity-provider.ts';
import { readLinkFacts } from '../../engine/identity-provider/read-link-facts.ts';
import { whyNotCreated } from '../../engine/directory/find-or-create-user.ts';
import type { testResultPage } from '../pages/federation-pages.ts';
import type { CameBack } from './federated-sign-in.ts';
import { wordsOf } from './outbound.ts';

type Result = Parameters<typeof testResultPage>[1];

/** What a sign-in by a provider would have come to, in words for an admin; nothing is changed. */
export async function testOutcome(db: Database, provider: IdentityProvider, cameBack: CameBack): Promise<Result> {
  const none = { provider: provider.displayName, isGood: false, facts: [], claims: undefined };
  if (cameBack.kind === 'denied')
    return { ...none, verdict: `The provider answered with the error ${cameBack.error}.` };
  if (cameBack.kind === 'failed') return { ...none, verdict: `The answer can’t be used: ${wordsOf(cameBack.cause)}` };
  const claims = JSON.stringify(cameBack.claims, null, 2);
  const person = externalPersonOf(provider, cameBack.claims);
  if (!person) return { ...none, verdict: 'The token doesn’t say who it is.', claims };
  const decision = decideLink(provider, person, await readLinkFacts(db.pool, provider, person));
  const told = await verdictOf(db, provider, decision);
  return { ...none, ...told, facts: await factsOf(db, provider, person), claims };
}

async function verdictOf(
  db: Database,
  { tenantId }: IdentityProvider,
  decision: LinkDecision,
): Promise<{ verdict: string; isGood: boolean }> {
  switch (decision.kind) {
    case 'linked':
      return { verdict: `${decision.user.userPrincipalName} would be signed in: they are linked.`, isGood: true };
    case 'link':
      return { verdict: `${decision.user.userPrincipalName} would be linked and signed in.`, isGood: true };
    case 'confirm':
      return {
        verdict: `${decision.user.userPrincipalName} would be linked once they have given their password, since they hold a role.`,
        isGood: true,
      };
    case 'create': {
      const why = await whyNotCreated(db, tenantId, decision.userName);
      return why === undefined
        ? { verdict: `The user ${decision.userName} would be created and signed in.`, isGood: true }
        : { verdict: `Refused. ${why}`, isGood: false };
    }
    case 'refused':
      return { verdict: `Refused. ${decision.message}`, isGood: false };
  }
}

async function factsOf(db: Database, provider: IdentityProvider, person: ExternalPerson): Promise<Result['facts']> {
  const { rows } = await db.pool.query<{ display_name: string }>(
    'select display_name from groups where tenant_id = $1 and group_id = any($2::uuid[]) order by display_name',
    [provider.tenantId, person.groupIds],
  );
  return [
    ['User name', person.userName ?? `None. ${person.whyNoName}`],
    ...Object.entries(person.attributes),
    ['Groups', rows.map((row) => row.display_name).join(', ') || 'None'],
  ];
}

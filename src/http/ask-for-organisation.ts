import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Database } from '../db/open.ts';
import { findTenant } from '../engine/tenant/find-tenant.ts';
import { ADMIN_CENTER, adminCenterAddresses } from '../signin/openid/admin-center.ts';
import { userNamePage } from '../signin/pages/sign-in-pages.ts';
import { answerPage } from './page-answer.ts';

/** The names that stand for whatever tenant there is. */
export function isAnyTenant(name: string): boolean {
  return name === 'common' || name === 'organizations';
}

/**
 * Which organisation does the person mean, where there are several and the app named none? The
 * domain of their user name tells: it is asked for first, and the app's request then goes to that
 * organisation. A request that must not ask (prompt=none) is told that it would have to.
 */
export async function askForOrganisation(
  request: FastifyRequest,
  reply: FastifyReply,
  db: Database,
  baseUrl: string,
): Promise<FastifyReply> {
  const { login_hint: userName, ...parameters } = request.query as Record<string, string>;
  const domain = userName?.split('@').at(-1) ?? '';
  const tenantId = domain.includes('.') ? await findTenant(db, domain) : undefined;
  if (tenantId !== undefined) {
    const query = new URLSearchParams(request.query as Record<string, string>);
    return reply.redirect(`${baseUrl}/${tenantId}/oauth2/v2.0/authorize?${query.toString()}`, 303);
  }
  const { redirect } = adminCenterAddresses(baseUrl);
  const isAdminCenter = parameters['client_id'] === ADMIN_CENTER && parameters['redirect_uri'] === redirect;
  if (isAdminCenter && parameters['prompt'] === 'none') {
    const query = new URLSearchParams({
      error: 'login_required',
      error_description: 'Which organisation the person belongs to has to be asked.',
      ...(parameters['state'] !== undefined && { state: parameters['state'] }),
    });
    return reply.redirect(`${redirect}?${query.toString()}`, 303);
  }
  const problem = userName === undefined ? undefined : 'No organisation here has this domain. Check the user name.';
  return answerPage(
    reply,
    problem === undefined ? 200 : 400,
    userNamePage(baseUrl, { action: `${baseUrl}/common/oauth2/v2.0/authorize`, parameters, userName, problem }),
    parameters['redirect_uri'],
  );
}

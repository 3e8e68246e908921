import { setTimeout as sleep } from 'node:timers/promises';
import type { FastifyBaseLogger } from 'fastify';
import { SignInBatches } from '../engine/claim/batch.ts';
import { SignInLog } from '../engine/claim/sign-in-log.ts';
import { createFindGuardedApp } from '../engine/forward-auth/find-forward-auth.ts';
import { createProviderClients } from '../signin/federation/provider-clients.ts';
import { createKeyRing } from '../signin/openid/key-ring.ts';
import { createOpenidProviders } from '../signin/openid/openid.ts';
import { docsRoutes } from './docs.routes.ts';
import { acceptIdempotencyKeys } from './idempotency.ts';
import { measure, type GatherMeasurements } from './metrics.ts';
import { describeApi } from './openapi.ts';
import { federationRoutes } from './federation.routes.ts';
import { forwardAuthRoutes } from './forward-auth.routes.ts';
import { forwardAuthSignedInRoutes } from './forward-auth-signed-in.routes.ts';
import { HookTestPasses } from './hook-test-passes.ts';
import { hookRoutes } from './hooks.routes.ts';
import { limitRates } from './rate-limit.ts';
import { openidRoutes } from './openid.routes.ts';
import { refusedPageRoutes } from './refused-pages.routes.ts';
import { scimRoutes } from './scim/scim.routes.ts';
import { sampleAppRoutes } from './sample-app.routes.ts';
import { sentAsFormRoutes } from './sent-as-form.routes.ts';
import { setUpRoutes } from './set-up.routes.ts';
import { signInPageRoutes } from './sign-in-pages.routes.ts';
import { schemaRoutes } from './schemas.routes.ts';
import { createServer, type Server, type ServerContext } from './server.ts';
import { systemRoutes } from './system.routes.ts';
import { webRoutes } from './web.routes.ts';
import { createTokenAuthentication } from './token-authentication.ts';
import { identityProviderRoutes } from './v1.0/identity-providers.routes.ts';
import { importProductRoutes } from './v1.0/import-products.routes.ts';
import { importUserRoutes } from './v1.0/import-users.routes.ts';
import { autoClaimRoutes } from './v1.0/auto-claim.routes.ts';
import { setUpDocumentRoutes } from './v1.0/set-up-document.routes.ts';
import { policyRoutes } from './v1.0/policies.routes.ts';
import { batchRoutes } from './v1.0/batch.routes.ts';
import { deltaRoutes } from './v1.0/delta.routes.ts';
import { applicationRoutes } from './v1.0/applications.routes.ts';
import { directoryRoleRoutes } from './v1.0/directory-roles.routes.ts';
import { forwardAuthSettingRoutes } from './v1.0/forward-auth-setting.routes.ts';
import { groupLicenseRoutes } from './v1.0/group-licenses.routes.ts';
import { groupRoutes } from './v1.0/groups.routes.ts';
import { meRoutes } from './v1.0/me.routes.ts';
import { memberRoutes } from './v1.0/members.routes.ts';
import { organizationRoutes } from './v1.0/organization.routes.ts';
import { userRoutes } from './v1.0/users.routes.ts';
import { provisioningClientRoutes } from './v1.0/provisioning-clients.routes.ts';
import { productRoutes } from './v1.0/products.routes.ts';
import { tenantRoutes } from './v1.0/tenants.routes.ts';
import { auditLogRoutes } from './v1.0/audit-logs.routes.ts';
import { overviewRoutes } from './v1.0/overview.routes.ts';
import { reportRoutes } from './v1.0/report.routes.ts';
import { licenseChangeRoutes } from './v1.0/license-changes.routes.ts';
import { licenseRoutes } from './v1.0/licenses.routes.ts';
import { signInHookRoutes } from './v1.0/sign-in-hooks.routes.ts';
import { signInRoutes } from './v1.0/sign-ins.routes.ts';
import { subscriptionRoutes } from './v1.0/subscriptions.routes.ts';

/** For so long a server that stops waits for what it still has to write. */
const WRITE_WITHIN_MS = 1_500;

/**
 * The whole HTTP side: every route of every door.
 * @param gather where several processes are one server: how any of them reads the measurements of all
 */
export async function createApp(
  { config, db }: Pick<ServerContext, 'config' | 'db'>,
  log: FastifyBaseLogger,
  gather?: GatherMeasurements,
): Promise<Server> {
  const signInLog = new SignInLog(db, (error) => log.error({ err: error }, 'sign-ins can not be logged now'));
  const keyRing = createKeyRing(db);
  const authenticate = createTokenAuthentication(db, config, keyRing);
  const server = await createServer(config, log, authenticate);
  const metrics = measure(server, db, gather);
  const context: ServerContext = { config, db, signInLog, signIns: new SignInBatches(db, signInLog), metrics };
  limitRates(server, config);
  acceptIdempotencyKeys(server, db);
  await describeApi(server, config);
  systemRoutes(server, context, metrics);
  docsRoutes(server);
  schemaRoutes(server, context);
  webRoutes(server);
  const providers = createOpenidProviders(context, config, keyRing, (error) =>
    log.error({ err: error }, 'token request failed'),
  );
  await openidRoutes(server, context, providers, authenticate);
  await sentAsFormRoutes(server, context);
  await signInPageRoutes(server, context, providers);
  await refusedPageRoutes(server, context, providers);
  await federationRoutes(server, context, providers, createProviderClients(config.baseUrl));
  await setUpRoutes(server, context);
  await sampleAppRoutes(server, context);
  const findGuardedApp = createFindGuardedApp(db);
  await forwardAuthRoutes(server, context, findGuardedApp);
  await forwardAuthSignedInRoutes(server, context, providers, findGuardedApp);
  const hookTestPasses = new HookTestPasses();
  await hookRoutes(server, context, hookTestPasses);
  await scimRoutes(server, context);
  await server.register(
    async (v1) => {
      batchRoutes(v1);
      applicationRoutes(v1, context);
      meRoutes(v1, context);
      organizationRoutes(v1, context);
      directoryRoleRoutes(v1, context);
      deltaRoutes(v1, context);
      userRoutes(v1, context);
      groupRoutes(v1, context);
      memberRoutes(v1, context);
      groupLicenseRoutes(v1, context);
      productRoutes(v1, context);
      await importProductRoutes(v1, context);
      await importUserRoutes(v1, context);
      autoClaimRoutes(v1, context);
      policyRoutes(v1, context);
      setUpDocumentRoutes(v1, context);
      signInRoutes(v1, context);
      signInHookRoutes(v1, context, hookTestPasses);
      identityProviderRoutes(v1, context);
      forwardAuthSettingRoutes(v1, context);
      provisioningClientRoutes(v1, context);
      subscriptionRoutes(v1, context);
      licenseRoutes(v1, context);
      licenseChangeRoutes(v1, context);
      reportRoutes(v1, context);
      overviewRoutes(v1, context);
      auditLogRoutes(v1, context);
      tenantRoutes(v1, context);
    },
    { prefix: '/v1.0' },
  );
  // After the last request is answered: what is still to be logged is written. A database that hangs
  // doesn't hold up the stop.
  server.addHook('onClose', async () => {
    const written = context.signIns.drain().then(() => signInLog.flush());
    await Promise.race([written, sleep(WRITE_WITHIN_MS, undefined, { ref: false })]);
  });
  return server;
}

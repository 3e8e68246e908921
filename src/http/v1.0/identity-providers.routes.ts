import type { FastifyRequest } from 'fastify';
import {
  IdentityProvider,
  IdentityProviderPage,
  IdentityProviderPatch,
  IdentityProviderPath,
  IdentityProviderTest,
  LinkedUserPath,
  NewIdentityProvider,
  SignInSetting,
  SignInSettingPatch,
} from '../../../contract/identity-provider.ts';
import type { Permission } from '../../../contract/permission.ts';
import { findIdentityProvider } from '../../engine/identity-provider/find-identity-providers.ts';
import type { ProviderValues } from '../../engine/identity-provider/identity-provider.ts';
import { isPasswordSignInOn, writePasswordSignIn } from '../../engine/identity-provider/ways-in.ts';
import {
  createIdentityProvider,
  deleteIdentityProvider,
  unlinkUser,
  updateIdentityProvider,
} from '../../engine/identity-provider/write-identity-provider.ts';
import { notFound } from '../../engine/refused.ts';
import { issueTestTicket } from '../../signin/federation/begun-sign-ins.ts';
import { callbackAddress, testSignInAddress } from '../../signin/pages/addresses.ts';
import { answered, readEntity, readPage } from '../odata/page.ts';
import { parseEntityQuery, parseListQuery, rawQuery, refuseOptions } from '../odata/query.ts';
import { tenancyOf, type Server, type ServerContext } from '../server.ts';
import { identityProviderResource } from './identity-provider-resource.ts';

const READ = { access: ['Application.Read.All'] satisfies Permission[] };
/** Who says whose word is taken for who somebody is could become anybody: as who makes administrators. */
const WRITE = { access: ['RoleManagement.ReadWrite.Directory'] satisfies Permission[] };
const tags = ['Identity providers'];
const PATH = '/admin/identityProviders';

/** By which identity providers people sign in, and whether by a password. */
export function identityProviderRoutes(server: Server, { config: { baseUrl }, db }: ServerContext): void {
  const context = (of: string) => `${baseUrl}/v1.0/$metadata#${of}`;
  const resourceOf = (request: FastifyRequest) => identityProviderResource(baseUrl, request.principal.tenantId);
  const providers = (request: FastifyRequest) =>
    db.query.selectFrom('identity_providers as p').where('p.tenant_id', '=', request.principal.tenantId);

  server.get(
    PATH,
    {
      config: READ,
      schema: { tags, summary: 'List the identity providers', response: { 200: answered(IdentityProviderPage) } },
    },
    (request) => readPage(providers(request), parseListQuery(rawQuery(request), resourceOf(request)), baseUrl),
  );

  server.post(
    PATH,
    {
      config: WRITE,
      schema: {
        tags,
        summary: 'Add an identity provider',
        body: NewIdentityProvider,
        response: { 201: answered(IdentityProvider) },
      },
    },
    async (request, reply) => {
      refuseOptions(rawQuery(request));
      const { kind, issuer, displayName, clientId, clientSecret, ...rest } = request.body;
      const values: ProviderValues = {
        isEnabled: true,
        domains: [],
        attributes: {},
        groupsClaim: null,
        groupMappings: [],
        ...valuesOf(rest),
        displayName,
        clientId,
        clientSecret,
      };
      const id = await createIdentityProvider(tenancyOf(db, request), { kind, issuer }, values, baseUrl);
      return reply
        .status(201)
        .header('location', `${baseUrl}/v1.0${PATH}/${id}`)
        .send(await read(request, id));
    },
  );

  server.get(
    `${PATH}/:id`,
    {
      config: READ,
      schema: {
        tags,
        summary: 'Read an identity provider',
        params: IdentityProviderPath,
        response: { 200: answered(IdentityProvider) },
      },
    },
    (request) => read(request, request.params.id),
  );

  server.patch(
    `${PATH}/:id`,
    {
      config: WRITE,
      schema: {
        tags,
        summary: 'Change an identity provider',
        params: IdentityProviderPath,
        body: IdentityProviderPatch,
      },
    },
    async (request, reply) => {
      refuseOptions(rawQuery(request));
      await updateIdentityProvider(tenancyOf(db, request), request.params.id, valuesOf(request.body));
      return reply.status(204).send();
    },
  );

  server.delete(
    `${PATH}/:id`,
    { config: WRITE, schema: { tags, summary: 'Delete an identity provider', params: IdentityProviderPath } },
    async (request, reply) => {
      refuseOptions(rawQuery(request));
      await deleteIdentityProvider(tenancyOf(db, request), request.params.id);
      return reply.status(204).send();
    },
  );

  server.delete(
    `${PATH}/:id/users/:user`,
    {
      config: WRITE,
      schema: { tags, summary: "Take a user's identity of a provider away", params: LinkedUserPath },
    },
    async (request, reply) => {
      refuseOptions(rawQuery(request));
      await unlinkUser(tenancyOf(db, request), request.params.id, request.params.user);
      return reply.status(204).send();
    },
  );

  server.post(
    `${PATH}/:id/test`,
    {
      config: { ...WRITE, idempotency: 'secret answer' },
      schema: {
        tags,
        summary: 'Where a test sign-in begins: it shows what comes back, changes nothing and signs nobody in',
        params: IdentityProviderPath,
        response: { 200: IdentityProviderTest },
      },
    },
    async (request) => {
      refuseOptions(rawQuery(request));
      const { tenantId } = request.principal;
      const provider = await findIdentityProvider(db, tenantId, request.params.id);
      if (!provider) throw notFound(request.params.id);
      const ticket = await issueTestTicket(db, tenantId, provider.providerId);
      return {
        '@odata.context': context(`${PATH.slice(1)}/test`),
        address: testSignInAddress(baseUrl, tenantId, ticket),
      };
    },
  );

  const settingOf = async (request: FastifyRequest) => {
    const { tenantId } = request.principal;
    return {
      '@odata.context': context('admin/signIn'),
      isPasswordAllowed: await isPasswordSignInOn({ db, tenantId }),
      redirectUri: callbackAddress(baseUrl, tenantId),
    };
  };

  server.get(
    '/admin/signIn',
    {
      config: READ,
      schema: { tags, summary: 'Read whether people may sign in with a password', response: { 200: SignInSetting } },
    },
    async (request) => {
      refuseOptions(rawQuery(request));
      return settingOf(request);
    },
  );

  server.patch(
    '/admin/signIn',
    {
      config: WRITE,
      schema: {
        tags,
        summary: 'Let people sign in with a password, or no more',
        body: SignInSettingPatch,
        response: { 200: SignInSetting },
      },
    },
    async (request) => {
      refuseOptions(rawQuery(request));
      const { isPasswordAllowed } = request.body;
      if (isPasswordAllowed !== undefined) await writePasswordSignIn(tenancyOf(db, request), isPasswordAllowed);
      return settingOf(request);
    },
  );

  async function read(request: FastifyRequest, id: string) {
    const one = providers(request).where('p.provider_id', '=', id);
    const found = await readEntity(one, parseEntityQuery(rawQuery(request), resourceOf(request)), baseUrl);
    if (!found) throw notFound(id);
    return found;
  }
}

function valuesOf({ domains, groupMappings, ...rest }: IdentityProviderPatch): Partial<ProviderValues> {
  return {
    ...rest,
    ...(domains && { domains: [...new Set(domains.map((domain) => domain.toLowerCase()))] }),
    ...(groupMappings && {
      groupMappings: groupMappings.map(({ value, groupId }) => ({ value, groupId: groupId.toLowerCase() })),
    }),
  };
}

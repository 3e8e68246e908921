import type { FastifyRequest } from 'fastify';
import {
  ForwardAuth,
  ForwardAuthPage,
  ForwardAuthPatch,
  ForwardAuthPath,
  ForwardAuthSecret,
  NewForwardAuth,
} from '../../../contract/forward-auth.ts';
import { USER_HEADER } from '../../../contract/forward-auth-headers.ts';
import type { Permission } from '../../../contract/permission.ts';
import {
  createForwardAuth,
  deleteForwardAuth,
  rotateForwardAuthSecret,
  updateForwardAuth,
  type ForwardAuthWithSecret,
} from '../../engine/forward-auth/write-forward-auth.ts';
import { notFound } from '../../engine/refused.ts';
import { answered, readEntity, readPage } from '../odata/page.ts';
import { parseEntityQuery, parseListQuery, rawQuery, refuseOptions } from '../odata/query.ts';
import { tenancyOf, type Server, type ServerContext } from '../server.ts';
import { forwardAuthAddress, forwardAuthResource } from './forward-auth-resource.ts';

const READ = { access: ['Application.Read.All'] satisfies Permission[] };
const WRITE = { access: ['Application.ReadWrite.All'] satisfies Permission[] };
const tags = ['Forward auth'];
const PATH = '/admin/forwardAuth';

/** For which apps reverse proxies may ask, and from where. */
export function forwardAuthSettingRoutes(server: Server, { config: { baseUrl }, db }: ServerContext): void {
  const resource = forwardAuthResource(baseUrl);
  const all = (request: FastifyRequest) =>
    db.query
      .selectFrom('forward_auth as f')
      .leftJoin('apps as a', (join) => join.onRef('a.tenant_id', '=', 'f.tenant_id').onRef('a.app_id', '=', 'f.app_id'))
      .where('f.tenant_id', '=', request.principal.tenantId);
  const secretAnswer = ({ forwardAuthId, appId, secretText }: ForwardAuthWithSecret) => ({
    '@odata.context': `${baseUrl}/v1.0/$metadata#${PATH.slice(1)}/$entity`,
    id: forwardAuthId,
    address: forwardAuthAddress(baseUrl, appId),
    secretText,
  });

  server.get(
    PATH,
    {
      config: READ,
      schema: { tags, summary: 'List the apps with forward auth', response: { 200: answered(ForwardAuthPage) } },
    },
    (request) => readPage(all(request), parseListQuery(rawQuery(request), resource), baseUrl),
  );

  server.post(
    PATH,
    {
      config: { ...WRITE, idempotency: 'secret answer' },
      schema: {
        tags,
        summary: 'Let reverse proxies ask for an app; the secret for trusted ones is shown this once',
        body: NewForwardAuth,
        response: { 201: ForwardAuthSecret },
      },
    },
    async (request, reply) => {
      refuseOptions(rawQuery(request));
      const { appId, origins = [], trustedAddresses = [], userHeader = USER_HEADER } = request.body;
      const values = { origins, trustedAddresses, userHeader };
      const made = await createForwardAuth(tenancyOf(db, request), appId.toLowerCase(), values);
      return reply
        .status(201)
        .header('location', `${baseUrl}/v1.0${PATH}/${made.forwardAuthId}`)
        .send(secretAnswer(made));
    },
  );

  server.get(
    `${PATH}/:id`,
    {
      config: READ,
      schema: {
        tags,
        summary: 'Read the forward auth of an app',
        params: ForwardAuthPath,
        response: { 200: answered(ForwardAuth) },
      },
    },
    async (request) => {
      const { id } = request.params;
      const one = all(request).where('f.forward_auth_id', '=', id);
      const found = await readEntity(one, parseEntityQuery(rawQuery(request), resource), baseUrl);
      if (!found) throw notFound(id);
      return found;
    },
  );

  server.patch(
    `${PATH}/:id`,
    {
      config: WRITE,
      schema: {
        tags,
        summary: 'Change the forward auth of an app',
        params: ForwardAuthPath,
        body: ForwardAuthPatch,
      },
    },
    async (request, reply) => {
      refuseOptions(rawQuery(request));
      await updateForwardAuth(tenancyOf(db, request), request.params.id, request.body);
      return reply.status(204).send();
    },
  );

  server.delete(
    `${PATH}/:id`,
    {
      config: WRITE,
      schema: { tags, summary: 'Delete the forward auth of an app: nobody gets in any more', params: ForwardAuthPath },
    },
    async (request, reply) => {
      refuseOptions(rawQuery(request));
      await deleteForwardAuth(tenancyOf(db, request), request.params.id);
      return reply.status(204).send();
    },
  );

  server.post(
    `${PATH}/:id/rotateSecret`,
    {
      config: { ...WRITE, idempotency: 'secret answer' },
      schema: {
        tags,
        summary: 'Give the trusted proxies of an app another secret, which is shown this once',
        params: ForwardAuthPath,
        response: { 200: ForwardAuthSecret },
      },
    },
    async (request) => {
      refuseOptions(rawQuery(request));
      return secretAnswer(await rotateForwardAuthSecret(tenancyOf(db, request), request.params.id));
    },
  );
}

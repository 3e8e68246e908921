import type { FastifyRequest } from 'fastify';
import {
  AddPassword,
  Application,
  ApplicationPage,
  ApplicationPatch,
  ApplicationPath,
  NewApplication,
  PasswordCredential,
  RemovePassword,
} from '../../../contract/application.ts';
import type { Permission } from '../../../contract/permission.ts';
import type { CertificateDraft } from '../../engine/app/certificates.ts';
import { addPassword, removePassword } from '../../engine/app/passwords.ts';
import { createApp, deleteApp, updateApp, type AppDraft } from '../../engine/app/write-app.ts';
import { notFound } from '../../engine/refused.ts';
import { badRequest } from '../errors.ts';
import { answered, readEntity, readPage } from '../odata/page.ts';
import { parseEntityQuery, parseListQuery, rawQuery, refuseOptions } from '../odata/query.ts';
import { tenancyOf, type Server, type ServerContext } from '../server.ts';
import { APPLICATION_RESOURCE } from './application-resource.ts';

const READ = { access: ['Application.Read.All'] satisfies Permission[] };
const WRITE = { access: ['Application.ReadWrite.All'] satisfies Permission[] };
const tags = ['Applications'];

/** Apps: what people sign in to, and what calls this API. */
export function applicationRoutes(server: Server, { config: { baseUrl }, db }: ServerContext): void {
  const apps = (request: FastifyRequest) =>
    db.query.selectFrom('apps as a').where('a.tenant_id', '=', request.principal.tenantId);
  const one = (request: FastifyRequest, id: string) => apps(request).where('a.object_id', '=', id);

  server.get(
    '/applications',
    { config: READ, schema: { tags, summary: 'List apps', response: { 200: answered(ApplicationPage) } } },
    (request) => readPage(apps(request), parseListQuery(rawQuery(request), APPLICATION_RESOURCE), baseUrl),
  );

  server.post(
    '/applications',
    {
      config: WRITE,
      schema: { tags, summary: 'Register an app', body: NewApplication, response: { 201: answered(Application) } },
    },
    async (request, reply) => {
      refuseOptions(rawQuery(request));
      const draft = draftOf(request.body) as Pick<AppDraft, 'displayName'> & Partial<AppDraft>;
      const { id } = await createApp(tenancyOf(db, request), draft, request.principal);
      return reply
        .status(201)
        .header('location', `${baseUrl}/v1.0/applications/${id}`)
        .send((await readEntity(one(request, id), { resource: APPLICATION_RESOURCE, select: undefined }, baseUrl))!);
    },
  );

  server.get(
    '/applications/:id',
    {
      config: READ,
      schema: { tags, summary: 'Read an app', params: ApplicationPath, response: { 200: answered(Application) } },
    },
    async (request) => {
      const { id } = request.params;
      const found = await readEntity(
        one(request, id),
        parseEntityQuery(rawQuery(request), APPLICATION_RESOURCE),
        baseUrl,
      );
      if (!found) throw notFound(id);
      return found;
    },
  );

  server.patch(
    '/applications/:id',
    { config: WRITE, schema: { tags, summary: 'Change an app', params: ApplicationPath, body: ApplicationPatch } },
    async (request, reply) => {
      refuseOptions(rawQuery(request));
      await updateApp(tenancyOf(db, request), request.params.id, draftOf(request.body), request.principal);
      return reply.status(204).send();
    },
  );

  server.delete(
    '/applications/:id',
    { config: WRITE, schema: { tags, summary: 'Delete an app', params: ApplicationPath } },
    async (request, reply) => {
      refuseOptions(rawQuery(request));
      await deleteApp(tenancyOf(db, request), request.params.id);
      return reply.status(204).send();
    },
  );

  server.post(
    '/applications/:id/addPassword',
    {
      config: { ...WRITE, idempotency: 'secret answer' },
      schema: {
        tags,
        summary: 'Give an app one more secret, which is shown this once',
        params: ApplicationPath,
        body: AddPassword,
        response: { 200: PasswordCredential },
      },
    },
    async (request) => {
      refuseOptions(rawQuery(request));
      const { displayName, startDateTime, endDateTime } = request.body.passwordCredential ?? {};
      const password = await addPassword(
        tenancyOf(db, request),
        request.params.id,
        {
          displayName,
          startsAt: timeOf(startDateTime, 'passwordCredential.startDateTime'),
          endsAt: timeOf(endDateTime, 'passwordCredential.endDateTime'),
        },
        request.principal,
      );
      return {
        '@odata.context': `${baseUrl}/v1.0/$metadata#microsoft.graph.passwordCredential`,
        customKeyIdentifier: null,
        displayName: password.displayName,
        endDateTime: password.endsAt.toISOString(),
        hint: password.hint,
        keyId: password.keyId,
        secretText: password.secretText,
        startDateTime: password.startsAt.toISOString(),
      };
    },
  );

  server.post(
    '/applications/:id/removePassword',
    {
      config: WRITE,
      schema: { tags, summary: 'Take a secret from an app', params: ApplicationPath, body: RemovePassword },
    },
    async (request, reply) => {
      refuseOptions(rawQuery(request));
      await removePassword(tenancyOf(db, request), request.params.id, request.body.keyId);
      return reply.status(204).send();
    },
  );
}

function draftOf({ keyCredentials, web, spa, publicClient, ...rest }: ApplicationPatch): Partial<AppDraft> {
  return {
    ...rest,
    redirectUris: {
      ...(web && { web: web.redirectUris }),
      ...(spa && { spa: spa.redirectUris }),
      ...(publicClient && { publicClient: publicClient.redirectUris }),
    },
    ...(keyCredentials && {
      certificates: keyCredentials.map(
        ({ keyId, displayName, key, startDateTime, endDateTime }, index): CertificateDraft => ({
          keyId,
          displayName,
          key,
          startsAt: timeOf(startDateTime, `keyCredentials[${index}].startDateTime`),
          endsAt: timeOf(endDateTime, `keyCredentials[${index}].endDateTime`),
        }),
      ),
    }),
  };
}

/** The schema allows what RFC 3339 does, which is more than there are moments: a 60th second. */
function timeOf(text: string | undefined, field: string): Date | undefined {
  if (text === undefined) return undefined;
  const time = new Date(text);
  if (Number.isNaN(time.getTime())) throw badRequest(`${field} must be a date and time that exists.`);
  return time;
}

import type { FastifyRequest } from 'fastify';
import {
  NewSignInHook,
  SignInHook,
  SignInHookPage,
  SignInHookPatch,
  SignInHookPath,
  SignInHookSecret,
  SignInHookTest,
  SignInHookTestAnswer,
} from '../../../contract/sign-in-hook.ts';
import type { Permission } from '../../../contract/permission.ts';
import { hookOf, type HookValues } from '../../engine/hook/hook.ts';
import {
  createHook,
  deleteHook,
  rotateHookSecret,
  updateHook,
  type HookWithSecret,
} from '../../engine/hook/write-hook.ts';
import { notFound } from '../../engine/refused.ts';
import { testEvent } from '../../signin/hooks/test-event.ts';
import { TEST_PASS_HEADER, type HookTestPasses } from '../hook-test-passes.ts';
import { HOOK_PATHS } from '../hooks.routes.ts';
import { answered, readEntity, readPage } from '../odata/page.ts';
import { parseEntityQuery, parseListQuery, rawQuery, refuseOptions } from '../odata/query.ts';
import { tenancyOf, type Server, type ServerContext } from '../server.ts';
import { signInHookResource } from './sign-in-hook-resource.ts';

const READ = { access: ['Application.Read.All'] satisfies Permission[] };
const WRITE = { access: ['Application.ReadWrite.All'] satisfies Permission[] };
/** A test is a real sign-in: it may take a seat. */
const TEST = { access: ['Application.ReadWrite.All'] satisfies Permission[] };
const tags = ['Hooks'];
const PATH = '/admin/signInHooks';

/** How identity providers are let tell of sign-ins. */
export function signInHookRoutes(
  server: Server,
  { config: { baseUrl }, db }: ServerContext,
  passes: HookTestPasses,
): void {
  const resource = signInHookResource(baseUrl);
  const hooks = (request: FastifyRequest) =>
    db.query
      .selectFrom('sign_in_hooks as h')
      .leftJoin('sign_in_hook_use as u', (join) =>
        join.onRef('u.tenant_id', '=', 'h.tenant_id').onRef('u.hook_id', '=', 'h.hook_id'),
      )
      .where('h.tenant_id', '=', request.principal.tenantId);
  const one = (request: FastifyRequest, id: string) => hooks(request).where('h.hook_id', '=', id);
  const secretAnswer = ({ hookId, kind, secretText }: HookWithSecret) => ({
    '@odata.context': `${baseUrl}/v1.0/$metadata#${PATH.slice(1)}/$entity`,
    id: hookId,
    address: `${baseUrl}${HOOK_PATHS[kind]}?hook=${hookId}`,
    secretText,
  });

  server.get(
    PATH,
    { config: READ, schema: { tags, summary: 'List the sign-in hooks', response: { 200: answered(SignInHookPage) } } },
    (request) => readPage(hooks(request), parseListQuery(rawQuery(request), resource), baseUrl),
  );

  server.post(
    PATH,
    {
      config: { ...WRITE, idempotency: 'secret answer' },
      schema: {
        tags,
        summary: 'Add a sign-in hook; its secret is shown this once',
        body: NewSignInHook,
        response: { 201: SignInHookSecret },
      },
    },
    async (request, reply) => {
      refuseOptions(rawQuery(request));
      const { kind, ...values } = request.body;
      const isEntra = kind === 'entra';
      const draft: HookValues = {
        isEnabled: true,
        onRefusal: 'noClaims',
        entraTenantId: null,
        entraAudience: null,
        entraCloud: isEntra ? 'global' : null,
        userNameDomain: null,
        apps: [],
        ...valuesOf(values),
        displayName: values.displayName,
      };
      const made = await createHook(tenancyOf(db, request), kind, draft);
      return reply.status(201).header('location', `${baseUrl}/v1.0${PATH}/${made.hookId}`).send(secretAnswer(made));
    },
  );

  server.get(
    `${PATH}/:id`,
    {
      config: READ,
      schema: { tags, summary: 'Read a sign-in hook', params: SignInHookPath, response: { 200: answered(SignInHook) } },
    },
    async (request) => {
      const { id } = request.params;
      const found = await readEntity(one(request, id), parseEntityQuery(rawQuery(request), resource), baseUrl);
      if (!found) throw notFound(id);
      return found;
    },
  );

  server.patch(
    `${PATH}/:id`,
    {
      config: WRITE,
      schema: { tags, summary: 'Change a sign-in hook', params: SignInHookPath, body: SignInHookPatch },
    },
    async (request, reply) => {
      refuseOptions(rawQuery(request));
      await updateHook(tenancyOf(db, request), request.params.id, valuesOf(request.body));
      return reply.status(204).send();
    },
  );

  server.delete(
    `${PATH}/:id`,
    { config: WRITE, schema: { tags, summary: 'Delete a sign-in hook', params: SignInHookPath } },
    async (request, reply) => {
      refuseOptions(rawQuery(request));
      await deleteHook(tenancyOf(db, request), request.params.id);
      return reply.status(204).send();
    },
  );

  server.post(
    `${PATH}/:id/rotateSecret`,
    {
      config: { ...WRITE, idempotency: 'secret answer' },
      schema: {
        tags,
        summary: 'Give a sign-in hook another secret, which is shown this once',
        params: SignInHookPath,
        response: { 200: SignInHookSecret },
      },
    },
    async (request) => {
      refuseOptions(rawQuery(request));
      return secretAnswer(await rotateHookSecret(tenancyOf(db, request), request.params.id));
    },
  );

  server.post(
    `${PATH}/:id/test`,
    {
      config: { ...TEST, idempotency: 'none' },
      schema: {
        tags,
        summary:
          "Send a test event through the hook's own door: a real sign-in, which claims a license where one is due",
        params: SignInHookPath,
        body: SignInHookTest,
        response: { 200: SignInHookTestAnswer },
      },
    },
    async (request) => {
      refuseOptions(rawQuery(request));
      const row = await db.query
        .selectFrom('sign_in_hooks')
        .selectAll()
        .where('tenant_id', '=', request.principal.tenantId)
        .where('hook_id', '=', request.params.id)
        .executeTakeFirst();
      if (!row) throw notFound(request.params.id);
      const hook = hookOf(row);
      const sent = testEvent(hook, request.body, new Date());
      const begun = performance.now();
      const answer = await server.inject({
        method: 'POST',
        url: `${HOOK_PATHS[hook.kind]}?hook=${hook.hookId}`,
        headers: { 'content-type': 'application/json', [TEST_PASS_HEADER]: passes.issue(hook.hookId) },
        payload: JSON.stringify(sent),
      });
      return {
        '@odata.context': `${baseUrl}/v1.0/$metadata#${PATH.slice(1)}/test`,
        sent,
        status: answer.statusCode,
        milliseconds: Math.round(performance.now() - begun),
        answer: answer.payload === '' ? null : (JSON.parse(answer.payload) as unknown),
      };
    },
  );
}

function valuesOf(body: SignInHookPatch): Partial<HookValues> {
  const { apps, entraTenantId, userNameDomain, ...rest } = body;
  return {
    ...rest,
    ...(entraTenantId !== undefined && { entraTenantId: entraTenantId?.toLowerCase() ?? null }),
    ...(userNameDomain !== undefined && { userNameDomain: userNameDomain?.toLowerCase() ?? null }),
    ...(apps && { apps: apps.map(({ clientId, appId }) => ({ clientId, appId: appId.toLowerCase() })) }),
  };
}

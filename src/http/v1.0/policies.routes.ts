import { Type } from 'typebox';
import {
  NewPolicy,
  Policy,
  PolicyEffect,
  PolicyOrder,
  PolicyPage,
  PolicyPatch,
  PolicyPath,
  PreviewedPolicy,
} from '../../../contract/auto-claim.ts';
import type { Permission } from '../../../contract/permission.ts';
import { IfMatch } from '../../../contract/primitives.ts';
import { endDeletedSubscriptions } from '../../engine/license/end-subscriptions.ts';
import { createPolicy, deletePolicy, reorderPolicies, updatePolicy } from '../../engine/policy/policies.ts';
import type { PolicyDraft } from '../../engine/policy/policy.ts';
import { previewPolicy, type UnnamedPolicy } from '../../engine/policy/preview.ts';
import { notFound } from '../../engine/refused.ts';
import { readEntity, readPage } from '../odata/page.ts';
import { parseEntityQuery, parseListQuery, rawQuery, refuseOptions } from '../odata/query.ts';
import { tenancyOf, type Server, type ServerContext } from '../server.ts';
import { POLICY_RESOURCE, policyAnswer, policyEntity, versionsAllowed } from './policy-resource.ts';

const READ: Permission[] = ['AutoClaimPolicy.Read.All'];
const WRITE: Permission[] = ['AutoClaimPolicy.ReadWrite.All'];
const tags = ['Auto-claim policies'];
const PATH = '/policies/autoClaimPolicies';
// What is answered is told, not checked: $select may leave anything out.
const OnePolicy = Type.Unsafe<object>(Policy);
const ManyPolicies = Type.Unsafe<object>(PolicyPage);

/** Auto-claim policies (API.md, "Auto-claim"). */
export function policyRoutes(server: Server, { config, db }: ServerContext): void {
  const policies = (tenantId: string) => db.query.selectFrom('policies as p').where('p.tenant_id', '=', tenantId);

  server.get(
    PATH,
    { config: { access: READ }, schema: { tags, summary: 'List the policies', response: { 200: ManyPolicies } } },
    (request) => {
      const list = parseListQuery(rawQuery(request), POLICY_RESOURCE);
      return readPage(policies(request.principal.tenantId), list, config.baseUrl);
    },
  );

  server.post(
    PATH,
    {
      config: { access: WRITE },
      schema: { tags, summary: 'Add a policy, the last of its app', body: NewPolicy, response: { 201: OnePolicy } },
    },
    async (request, reply) => {
      refuseOptions(rawQuery(request));
      const { appId, ...given } = request.body;
      const draft = { ...NOTHING_CHOSEN, ...draftOf(given) } as PolicyDraft;
      const policy = await createPolicy(tenancyOf(db, request), appId.toLowerCase(), draft);
      const answer = policyAnswer(policy, config.baseUrl);
      return reply
        .status(201)
        .header('location', `${config.baseUrl}/v1.0${PATH}/${policy.policyId}`)
        .header('etag', answer['@odata.etag'])
        .send(answer);
    },
  );

  server.post(
    `${PATH}/preview`,
    {
      config: { access: READ, idempotency: 'none' },
      schema: {
        tags,
        summary: 'What a policy would come to today, in numbers; changes nothing',
        body: PreviewedPolicy,
        response: { 200: PolicyEffect },
      },
    },
    async (request) => {
      refuseOptions(rawQuery(request));
      const { appId, ...given } = request.body;
      const draft = { ...NOTHING_CHOSEN, ...draftOf(given) } as UnnamedPolicy;
      await endDeletedSubscriptions(tenancyOf(db, request));
      return previewPolicy(tenancyOf(db, request), appId.toLowerCase(), draft);
    },
  );

  server.post(
    `${PATH}/reorder`,
    {
      config: { access: WRITE },
      schema: {
        tags,
        summary: 'Put the policies of one app in order',
        body: PolicyOrder,
        response: { 200: ManyPolicies },
      },
    },
    async (request) => {
      refuseOptions(rawQuery(request));
      const ids = request.body.ids.map((id) => id.toLowerCase());
      const ordered = await reorderPolicies(tenancyOf(db, request), ids);
      return {
        '@odata.context': `${config.baseUrl}/v1.0/$metadata#${POLICY_RESOURCE.name}`,
        value: ordered.map(policyEntity),
      };
    },
  );

  server.get(
    `${PATH}/:id`,
    {
      config: { access: READ },
      schema: { tags, summary: 'Read a policy', params: PolicyPath, response: { 200: OnePolicy } },
    },
    async (request, reply) => {
      const query = parseEntityQuery(rawQuery(request), POLICY_RESOURCE);
      const id = request.params.id.toLowerCase();
      const found = await readEntity(
        policies(request.principal.tenantId).where('p.policy_id', '=', id),
        query,
        config.baseUrl,
      );
      if (!found) throw notFound(id);
      return reply.header('etag', found['@odata.etag']).send(found);
    },
  );

  server.patch(
    `${PATH}/:id`,
    {
      config: { access: WRITE },
      schema: {
        tags,
        summary: 'Change a policy',
        params: PolicyPath,
        headers: IfMatch,
        body: PolicyPatch,
        response: { 200: OnePolicy },
      },
    },
    async (request, reply) => {
      refuseOptions(rawQuery(request));
      const id = request.params.id.toLowerCase();
      const versions = versionsAllowed(request.headers['if-match']);
      const policy = await updatePolicy(tenancyOf(db, request), id, draftOf(request.body), versions);
      const answer = policyAnswer(policy, config.baseUrl);
      return reply.header('etag', answer['@odata.etag']).send(answer);
    },
  );

  server.delete(
    `${PATH}/:id`,
    {
      config: { access: WRITE },
      schema: {
        tags,
        summary: 'Delete a policy; its claims stay in the report',
        params: PolicyPath,
        headers: IfMatch,
        response: { 204: Type.Null() },
      },
    },
    async (request, reply) => {
      refuseOptions(rawQuery(request));
      await deletePolicy(
        tenancyOf(db, request),
        request.params.id.toLowerCase(),
        versionsAllowed(request.headers['if-match']),
      );
      return reply.status(204).send(null);
    },
  );
}

/** A new policy is on, and for everyone but guests. */
const NOTHING_CHOSEN = { isEnabled: true, includeGroups: [], excludeGroups: [], includeGuests: false };

/** A body's part of a draft, its ids in the lower case in which they are kept. */
function draftOf(body: PolicyPatch): Partial<PolicyDraft> {
  const { products, includeGroups, excludeGroups, ...rest } = body;
  return {
    ...rest,
    ...(products && {
      products: products.map(({ skuId, disabledPlans }) => ({
        skuId: skuId.toLowerCase(),
        disabledPlans: lowerCased(disabledPlans ?? []),
      })),
    }),
    ...(includeGroups && { includeGroups: lowerCased(includeGroups) }),
    ...(excludeGroups && { excludeGroups: lowerCased(excludeGroups) }),
  };
}

function lowerCased(ids: readonly string[]): string[] {
  return [...new Set(ids.map((id) => id.toLowerCase()))];
}

import type { FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import type { Permission, Scope } from '../../../contract/permission.ts';
import {
  NewSubscription,
  PoolUse,
  PoolUseQuery,
  SubscribedSku,
  SubscribedSkuPage,
  Subscription,
  SubscriptionPage,
  SubscriptionPatch,
  SubscriptionPath,
} from '../../../contract/subscription.ts';
import { currentTime } from '../../db/transaction.ts';
import { endDeletedSubscriptions } from '../../engine/license/end-subscriptions.ts';
import { invalid, notFound } from '../../engine/refused.ts';
import { periodOf } from '../../engine/report/period.ts';
import { readPoolUse } from '../../engine/report/pool-use.ts';
import { poolRows, subscriptionRows } from '../../engine/subscription/subscription-rows.ts';
import { createSubscription, updateSubscription } from '../../engine/subscription/subscription.ts';
import { answered, readEntity, readPage } from '../odata/page.ts';
import { parseEntityQuery, parseListQuery, rawQuery, refuseOptions } from '../odata/query.ts';
import { tenancyOf, type Server, type ServerContext } from '../server.ts';
import { SUBSCRIBED_SKU_RESOURCE, SUBSCRIPTION_RESOURCE } from './subscription-resource.ts';

const READ: Permission[] = ['LicenseAssignment.Read.All', 'Organization.Read.All'];
const WRITE: Permission[] = ['Organization.ReadWrite.All'];
/** A Billing Administrator buys and cuts, and leaves the catalogue as it is. */
const PEOPLE_WRITE: Scope[] = [...WRITE, 'Subscription.ReadWrite.All'];
const tags = ['Subscriptions'];
const SkuPath = Type.Object({ id: Type.String({ maxLength: 73 }) });

/** Purchases, and the pools of seats that they make (Graph's subscribedSkus and directory/subscriptions). */
export function subscriptionRoutes(server: Server, { config: { baseUrl }, db }: ServerContext): void {
  const one = (request: FastifyRequest, id: string) =>
    db.query.selectFrom(subscriptionRows(request.principal.tenantId)).where('s.subscription_id', '=', id);
  const whole = { resource: SUBSCRIPTION_RESOURCE, select: undefined };

  server.get(
    '/subscribedSkus',
    {
      config: { access: READ },
      schema: { tags, summary: 'List the pools of seats', response: { 200: answered(SubscribedSkuPage) } },
    },
    async (request) => {
      const list = parseListQuery(rawQuery(request), SUBSCRIBED_SKU_RESOURCE);
      await endDeletedSubscriptions(tenancyOf(db, request));
      return readPage(db.query.selectFrom(poolRows(request.principal.tenantId)), list, baseUrl);
    },
  );

  server.get(
    '/subscribedSkus/:id',
    {
      config: { access: READ },
      schema: {
        tags,
        summary: 'Read a pool',
        params: SkuPath,
        response: { 200: answered(SubscribedSku) },
      },
    },
    async (request) => {
      const query = parseEntityQuery(rawQuery(request), SUBSCRIBED_SKU_RESOURCE);
      const { id } = request.params;
      const { tenantId } = request.principal;
      const skuId = skuIdOf(id.toLowerCase(), tenantId);
      if (!skuId) throw notFound(id);
      await endDeletedSubscriptions(tenancyOf(db, request));
      const found = await readEntity(
        db.query.selectFrom(poolRows(tenantId)).where('o.sku_id', '=', skuId),
        query,
        baseUrl,
      );
      if (!found) throw notFound(id);
      return found;
    },
  );

  server.get(
    '/subscribedSkus/:id/usage',
    {
      config: { access: READ },
      schema: {
        tags,
        summary: 'How full a pool was, day by day',
        params: SkuPath,
        querystring: PoolUseQuery,
        response: { 200: answered(PoolUse) },
      },
    },
    async (request) => {
      refuseOptions(rawQuery(request), ['period', 'from', 'to']);
      const { id } = request.params;
      const { tenantId } = request.principal;
      const now = await currentTime(db.pool);
      const period = periodOf(request.query, now);
      const skuId = skuIdOf(id.toLowerCase(), tenantId);
      if (!skuId) throw notFound(id);
      await endDeletedSubscriptions(tenancyOf(db, request));
      const days = await readPoolUse(db, tenantId, skuId, period, now);
      if (!days) throw notFound(id);
      return {
        '@odata.context': `${baseUrl}/v1.0/$metadata#subscribedSkus/usage`,
        from: period.from.toISOString(),
        to: (period.to ?? now).toISOString(),
        days,
      };
    },
  );

  server.get(
    '/directory/subscriptions',
    {
      config: { access: READ },
      schema: { tags, summary: 'List subscriptions', response: { 200: answered(SubscriptionPage) } },
    },
    (request) => {
      const list = parseListQuery(rawQuery(request), SUBSCRIPTION_RESOURCE);
      return readPage(db.query.selectFrom(subscriptionRows(request.principal.tenantId)), list, baseUrl);
    },
  );

  server.post(
    '/directory/subscriptions',
    {
      config: { access: WRITE, people: PEOPLE_WRITE },
      schema: { tags, summary: 'Buy licenses', body: NewSubscription, response: { 201: answered(Subscription) } },
    },
    async (request, reply) => {
      refuseOptions(rawQuery(request));
      const { skuId, nextLifecycleDateTime, ...rest } = request.body;
      const { subscriptionId } = await createSubscription(tenancyOf(db, request), {
        ...rest,
        ...endOf(nextLifecycleDateTime),
        skuId: skuId.toLowerCase(),
      });
      await endDeletedSubscriptions(tenancyOf(db, request));
      return reply
        .status(201)
        .header('location', `${baseUrl}/v1.0/directory/subscriptions/${subscriptionId}`)
        .send((await readEntity(one(request, subscriptionId), whole, baseUrl))!);
    },
  );

  server.get(
    '/directory/subscriptions/:id',
    {
      config: { access: READ },
      schema: {
        tags,
        summary: 'Read a subscription',
        params: SubscriptionPath,
        response: { 200: answered(Subscription) },
      },
    },
    async (request) => {
      const id = request.params.id.toLowerCase();
      const found = await readEntity(
        one(request, id),
        parseEntityQuery(rawQuery(request), SUBSCRIPTION_RESOURCE),
        baseUrl,
      );
      if (!found) throw notFound(id);
      return found;
    },
  );

  server.patch(
    '/directory/subscriptions/:id',
    {
      config: { access: WRITE, people: PEOPLE_WRITE },
      schema: {
        tags,
        summary: 'Change quantity, status or end',
        params: SubscriptionPath,
        body: SubscriptionPatch,
        response: { 200: answered(Subscription) },
      },
    },
    async (request) => {
      refuseOptions(rawQuery(request));
      const id = request.params.id.toLowerCase();
      const { nextLifecycleDateTime, ...rest } = request.body;
      await updateSubscription(tenancyOf(db, request), id, { ...rest, ...endOf(nextLifecycleDateTime) });
      await endDeletedSubscriptions(tenancyOf(db, request));
      return (await readEntity(one(request, id), whole, baseUrl))!;
    },
  );
}

/** <tenant id>_<skuId>, as Graph names a pool; also the skuId alone, in either's right case. */
function skuIdOf(id: string, tenantId: string): string | undefined {
  const guid = '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}';
  return new RegExp(`^(?:${tenantId}_)?(${guid})$`).exec(id)?.[1];
}

function endOf(text: string | null | undefined): { nextLifecycleDateTime?: Date | null } {
  if (text === undefined) return {};
  const end = text === null ? null : new Date(text);
  // A leap second passes the schema's format and is no Date.
  if (end && Number.isNaN(end.getTime())) throw invalid('nextLifecycleDateTime', `${text} is not a date and time.`);
  return { nextLifecycleDateTime: end };
}

import { Type } from 'typebox';
import { Collection } from '../../../contract/primitives.ts';
import type { Permission } from '../../../contract/permission.ts';
import { NewProduct, Product, ProductPatch, ProductPath } from '../../../contract/product.ts';
import type * as engine from '../../engine/product/product.ts';
import { createProduct, updateProduct } from '../../engine/product/write-product.ts';
import { notFound } from '../../engine/refused.ts';
import { readEntity, readPage } from '../odata/page.ts';
import { parseEntityQuery, parseListQuery, rawQuery, refuseOptions } from '../odata/query.ts';
import { tenancyOf, type Server, type ServerContext } from '../server.ts';
import { PRODUCT_RESOURCE } from './product-resource.ts';

const READ: Permission[] = ['LicenseAssignment.Read.All', 'Organization.Read.All'];
const WRITE: Permission[] = ['Organization.ReadWrite.All'];
const tags = ['Products'];
// What is answered is told, not checked: $select may leave anything out.
const OneProduct = Type.Unsafe<object>(Product);
const ProductPage = Type.Unsafe<object>(Collection(Product));

/** The tenant's catalogue of products and their service plans. */
export function productRoutes(server: Server, { config, db }: ServerContext): void {
  const products = (tenantId: string) => db.query.selectFrom('products as p').where('p.tenant_id', '=', tenantId);
  const answer = (product: engine.Product) => ({
    '@odata.context': `${config.baseUrl}/v1.0/$metadata#${PRODUCT_RESOURCE.name}/$entity`,
    ...product,
  });

  server.get(
    '/admin/products',
    {
      config: { access: READ },
      schema: { tags, summary: 'List the products of the catalogue', response: { 200: ProductPage } },
    },
    (request) => {
      const list = parseListQuery(rawQuery(request), PRODUCT_RESOURCE);
      return readPage(products(request.principal.tenantId), list, config.baseUrl);
    },
  );

  server.post(
    '/admin/products',
    {
      config: { access: WRITE },
      schema: { tags, summary: 'Add a product to the catalogue', body: NewProduct, response: { 201: OneProduct } },
    },
    async (request, reply) => {
      refuseOptions(rawQuery(request));
      const product = await createProduct(tenancyOf(db, request), request.body);
      return reply
        .status(201)
        .header('location', `${config.baseUrl}/v1.0/admin/products/${product.skuId}`)
        .send(answer(product));
    },
  );

  server.get(
    '/admin/products/:skuId',
    {
      config: { access: READ },
      schema: { tags, summary: 'Read a product', params: ProductPath, response: { 200: OneProduct } },
    },
    async (request) => {
      const { skuId } = request.params;
      const query = parseEntityQuery(rawQuery(request), PRODUCT_RESOURCE);
      const from = products(request.principal.tenantId).where('p.sku_id', '=', skuId);
      const found = (await readEntity(from, query, config.baseUrl)) as object | undefined;
      if (!found) throw notFound(skuId);
      return found;
    },
  );

  server.patch(
    '/admin/products/:skuId',
    {
      config: { access: WRITE },
      schema: {
        tags,
        summary: 'Change a product',
        params: ProductPath,
        body: ProductPatch,
        response: { 200: OneProduct },
      },
    },
    async (request) => {
      refuseOptions(rawQuery(request));
      const { skuId } = request.params;
      return answer(await updateProduct(tenancyOf(db, request), skuId, request.body));
    },
  );
}

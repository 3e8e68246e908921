import { ImportCounts } from '../../../contract/import.ts';
import { importProducts } from '../../engine/import/import-products.ts';
import { acceptCsv, withCsvBody } from '../csv-body.ts';
import { rawQuery, refuseOptions } from '../odata/query.ts';
import { tenancyOf, type Server, type ServerContext } from '../server.ts';

/** Microsoft's table of products and service plans, taken into the catalogue. */
export async function importProductRoutes(server: Server, { db }: ServerContext): Promise<void> {
  await server.register(async (csv) => {
    acceptCsv(csv);
    csv.post(
      '/admin/import/products',
      {
        config: { access: ['Organization.ReadWrite.All'] },
        schema: {
          tags: ['Products'],
          summary: "Import Microsoft's product and service-plan table (text/csv)",
          consumes: ['text/csv'],
          response: { 200: ImportCounts },
        },
      },
      (request) => {
        refuseOptions(rawQuery(request));
        return withCsvBody(request, (source) => importProducts(tenancyOf(db, request), source()));
      },
    );
  });
}

import { ImportCounts } from '../../../contract/import.ts';
import { importUsers } from '../../engine/import/import-users.ts';
import { acceptCsv, withCsvBody } from '../csv-body.ts';
import { rawQuery, refuseOptions } from '../odata/query.ts';
import { tenancyOf, type Server, type ServerContext } from '../server.ts';

/** The admin center's export of users, taken into the directory. */
export async function importUserRoutes(server: Server, { db }: ServerContext): Promise<void> {
  await server.register(async (csv) => {
    acceptCsv(csv);
    csv.post(
      '/admin/import/users',
      {
        config: { access: ['User.ReadWrite.All'] },
        schema: {
          tags: ['Users'],
          summary: "Import the admin center's export of users (text/csv)",
          consumes: ['text/csv'],
          response: { 200: ImportCounts },
        },
      },
      (request) => {
        refuseOptions(rawQuery(request));
        return withCsvBody(request, (source) => importUsers(tenancyOf(db, request), source, request.principal));
      },
    );
  });
}

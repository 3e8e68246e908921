import { SetUp } from '../../contract/set-up.ts';
import type { Server, ServerContext } from './server.ts';

const PATH = '/schemas/set-up.json';

/** JSON Schemas for files that people write: editors check them and complete in them as they type. */
export function schemaRoutes(server: Server, { config: { baseUrl } }: Pick<ServerContext, 'config'>): void {
  const schema = {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $id: baseUrl + PATH,
    title: "An organisation's set-up in Autoclaim",
    ...SetUp,
  };
  server.get(
    PATH,
    {
      config: { access: 'anyone' },
      schema: { tags: ['Set-up'], summary: 'The JSON Schema of a set-up as a file (policies as code)' },
    },
    (_request, reply) => reply.type('application/schema+json; charset=utf-8').send(schema),
  );
}

import type { FastifyRequest } from 'fastify';

/**
 * For bodies that Graph's clients write: Graph takes properties' names in any case, and they write
 * mailNickName as well as mailNickname. A property that is there twice stays so, and is refused.
 * @param schema of the body
 */
export function namesInAnyCase(schema: { readonly properties: object }) {
  const known = new Map(Object.keys(schema.properties).map((name) => [name.toLowerCase(), name]));
  return async (request: FastifyRequest): Promise<void> => {
    const { body } = request;
    if (typeof body !== 'object' || body === null || Array.isArray(body)) return;
    const given = Object.keys(body);
    const renamed = (name: string) => {
      const wanted = known.get(name.toLowerCase());
      const isAlone = given.filter((other) => other.toLowerCase() === name.toLowerCase()).length === 1;
      return wanted !== undefined && isAlone ? wanted : name;
    };
    request.body = Object.fromEntries(Object.entries(body).map(([name, value]) => [renamed(name), value]));
  };
}

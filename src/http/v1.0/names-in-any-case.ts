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
    const entries = Object.entries(body);
    // Counted once: a body of a megabyte has a hundred thousand names.
    const times = new Map<string, number>();
    for (const [name] of entries) times.set(name.toLowerCase(), (times.get(name.toLowerCase()) ?? 0) + 1);
    const renamed = (name: string) => {
      const lower = name.toLowerCase();
      return times.get(lower) === 1 ? (known.get(lower) ?? name) : name;
    };
    request.body = Object.fromEntries(entries.map(([name, value]) => [renamed(name), value]));
  };
}
